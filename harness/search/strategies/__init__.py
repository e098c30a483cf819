"""The strategies, a file each; every one says which paper it follows."""
