"""What a call is worth: lists, their reasons in words, and the file of what calls came to."""
