# Writes the price list for the printers, DATABASE.prices.csv.
#
# fastmigrate runs it as `sh 0012-export-price-list.sh DATABASE`; it needs no execute permission. The list is written
# beside its place and moved there, so that a reader never sees half of it, and running it again does no harm.
set -eu

db=$1
list=$db.prices.csv
draft=$list.tmp
trap 'rm -f "$draft"' EXIT

python3 - "$db" >"$draft" <<'PYTHON'
import csv, io, sqlite3, sys

db = sqlite3.connect(sys.argv[1])
rows = db.execute(
    "SELECT sku, products.name, path, gross_cents FROM products "
    "JOIN category_paths ON category_paths.id = category_id WHERE active = 1 ORDER BY sku"
)
# UTF-8 whatever the locale says; "\n" whatever the system says.
out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
lines = csv.writer(out, lineterminator="\n")
lines.writerow(["sku", "name", "category", "price"])
for sku, name, path, cents in rows:
    lines.writerow([sku, name, path, f"{cents / 100:.2f}"])
out.flush()
PYTHON

mv "$draft" "$list"
echo "wrote $list"
