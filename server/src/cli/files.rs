//! `files`: moving all files to another store, and removing what nobody refers to.

mod migrate;

use crate::boot;
use crate::config::Config;
use clap::Subcommand;

#[derive(Subcommand)]
pub enum Files {
    /// Copy every file to another place; what is there already and verified is not sent again, and nothing is deleted unless asked for.
    Migrate(migrate::Migrate),
    /// Remove uploads never finished, files no answer refers to, and objects no row knows.
    Sweep {
        /// Only count.
        #[arg(long)]
        dry_run: bool,
        /// Leave alone what is younger than this.
        #[arg(long, default_value_t = 7)]
        grace_days: i64,
    },
}

#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
impl Files {
    pub async fn run(self, config: Config) -> anyhow::Result<std::process::ExitCode> {
        match self {
            Files::Migrate(command) => return command.run(config).await,
            Files::Sweep { dry_run, grace_days } => {
                let parts = boot::start(config, false).await?;
                let ctx = parts.ctx().await?;
                let grace = grace_days * app::time::Timestamp::DAY;
                let mut swept = app::file::sweep::sweep(&ctx, grace, dry_run).await?;
                let before = (ctx.now().0 - grace) / 1_000_000;
                swept.abandoned += ctx.state.blobs.remove_broken_uploads(before, dry_run).await?;
                println!("{} {swept}.", if dry_run { "Would remove" } else { "Removed" });
            }
        }
        Ok(std::process::ExitCode::SUCCESS)
    }
}
