"""What is a member's own beside their talks: what helped them, what they wait for, what they let others see."""
