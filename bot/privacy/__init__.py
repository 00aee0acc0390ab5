"""What is kept of people, how long, a copy of it, its erasure. Stands above the stages; uses their acts."""
