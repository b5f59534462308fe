"""Reading and matching in processes of their own: on every core, and a file that kills its reader stops nothing."""
