// What happens on Ctrl-C, on TERM, and when a reader of the output goes away.
//
// Before a command has begun, run, work, train and pull end at once, with the exit code of a
// command that is to be given again. Once it watches, the first Ctrl-C or TERM makes
// `stop_was_requested` true, as does the end of the terminal (HUP) but for nohup: runs ask it
// between tokens (RunControl::stop_requested, engine/run.h), throw Interrupted, and the command
// ends with kInterrupted when everything finished is on disk.
// The second one kills.
#pragma once

namespace pressroom {

// For the time in which the libraries load, most of a second: ends a command of these words
// cleanly. May be called before anything else of the process is set up.
void end_at_early_signals(int argc, char** argv);

// Becomes true at the first Ctrl-C or SIGTERM after `watch_signals`; the second one kills.
void watch_signals();
bool stop_was_requested();
// Becomes true at the first SIGUSR1 after `watch_for_end`: what is begun may be finished.
// Schedulers send it some time before they end a job.
void watch_for_end();
bool end_is_near();

// Signals whose default is a sudden death and that are an error with a message here - a reader that
// went away, a file that may not grow - and the ends of children, which can be waited for.
void set_up_signals();

}  // namespace pressroom
