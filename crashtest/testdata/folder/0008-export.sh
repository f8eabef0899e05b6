# Leaves a line beside the database for each time that it ran.
echo 8 >> "$1.ran"
