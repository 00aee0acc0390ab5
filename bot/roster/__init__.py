"""Who lends followers: joining, settings, pause, leave."""
