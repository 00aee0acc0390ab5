"""What people see: a seeker's status, a volunteer's day, impact, health, explanations."""
