"""What the commands do. ``bot.cli`` names them."""
