"""What every network must do before it is called in a volunteer's name: one suite, a stage for each."""
