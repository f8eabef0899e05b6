set -eu
rm -f "$1.prices.csv"
