"""What a checkpoint does on a subset: numbers first, drawing elsewhere."""
