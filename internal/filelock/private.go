package filelock

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Private returns the path of a lock file for something that is no file, by its
// name: in a folder below the system's temporary one that belongs to this user
// and is closed to all others. The name may hold a password; the path tells
// nothing of it.
//
// Processes that have different folders for temporary files ($TMPDIR, systemd's
// PrivateTmp, containers) do not see each other's locks.
func Private(name string) (string, error) {
	folder := filepath.Join(os.TempDir(), folderName())
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", &migration.Error{
			Op: "lock", Err: fmt.Errorf("cannot make the folder of the lock file: %w", err),
			Hint: "the folder for temporary files must be writable; TMPDIR names another",
		}
	}
	// Anybody may make such a folder before us, or a link in its place.
	info, err := os.Lstat(folder)
	if err != nil {
		return "", fmt.Errorf("look at the folder of the lock file: %w", err)
	}
	if !info.IsDir() || !closed(info) {
		return "", &migration.Error{
			Op: "lock", Err: fmt.Errorf("%s is not a folder of this user alone, so a lock in it can't be trusted", folder),
			Hint: "remove it, or name another folder for temporary files in TMPDIR",
		}
	}
	sum := sha256.Sum256([]byte(name))
	return filepath.Join(folder, hex.EncodeToString(sum[:16])+".lock"), nil
}
