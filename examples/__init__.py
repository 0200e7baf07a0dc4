"""Applications that show how tenant0 is used; nothing of the product imports them."""
