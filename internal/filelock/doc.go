// Package filelock lets one run at a time work on something, across the
// processes of one machine: by an advisory lock on a file that is there only
// while it is held.
//
// The lock belongs to the open file, not to a process. A child that inherits
// the file of [Lock.Inherit] holds it, too, so that it ends with the last of
// those who work under it, whoever is killed first; what a killed process
// leaves behind is a file without a lock, which is no obstacle.
package filelock
