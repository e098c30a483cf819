// What one execution does when it is clicked.
