"""Quality: the expectations, the gate, and the pages that show them."""
