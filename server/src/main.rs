//! `auto-grader`: see `cli`.

use std::process::ExitCode;

// Pages are many small strings: the system's allocator spends twice the time on them and keeps what it frees.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    server::cli::main()
}
