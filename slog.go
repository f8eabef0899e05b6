package fastmigrate

import (
	"log/slog"

	"github.com/fastmigrate/fastmigrate/run"
)

// LogEvents returns a value for [Options.OnEvent] that writes what happens to
// a logger: steps as Info, findings as Warn, failures as Error, what outside
// programs print as Debug.
func LogEvents(logger *slog.Logger) func(Event) {
	return func(e Event) {
		switch e := e.(type) {
		case run.Waiting:
			logger.Info("waiting for another run", "holder", e.Holder)
		case run.Planned:
			logger.Debug("planned", "from", e.Plan.Start, "to", e.Plan.End, "steps", len(e.Plan.Steps))
		case run.BackedUp:
			logger.Info("backed up", "file", e.File)
		case run.Copied:
			logger.Info("running on a copy", "file", e.File, "why", e.Why)
		case run.Restored:
			logger.Warn("restored", "file", e.File, "kept", e.Kept)
		case run.Started:
			logger.Debug("started", "file", e.Step.File(), "direction", e.Step.Direction.String())
		case run.Progressed:
			logger.Debug("progress", "file", e.File, "bytes", e.Bytes, "total", e.Total, "statements", e.Statements)
		case run.Interpreter:
			logger.Debug("interpreter", "language", e.Language, "path", e.Path, "why", e.Why)
		case run.Printed:
			logger.Debug("printed", "file", e.Step.File(), "stream", e.Stream.String(), "text", string(e.Chunk))
		case run.Applied:
			logger.Info("applied", "file", e.Step.File(), "direction", e.Step.Direction.String(), "version", e.Step.To, "duration", e.Result.Duration)
		case run.Found:
			logger.Warn(e.Finding.Message, "code", e.Finding.Code, "file", e.Finding.File, "hint", e.Finding.Hint)
		case run.Failed:
			logger.Error("failed", "file", e.Step.File(), "error", e.Err)
		}
	}
}
