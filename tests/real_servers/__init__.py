"""Servers by others, installed as their makers publish them, through all of the product that members use."""
