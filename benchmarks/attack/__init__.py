"""What hostile hands cost everybody else."""
