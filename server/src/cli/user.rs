//! `user create`: accounts from the command line.

use crate::boot;
use crate::config::Config;
use app::account::service::{NewUser, create_user};
use clap::Subcommand;

#[derive(Subcommand)]
pub enum User {
    /// Makes an account and prints its one-time password.
    Create {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        /// May administer the whole installation.
        #[arg(long)]
        admin: bool,
    },
}

impl User {
    #[expect(clippy::print_stdout, reason = "a command answers on standard output")]
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let User::Create { email, name, admin } = self;
        let parts = boot::start(config, false).await?;
        let created = create_user(
            &parts.ctx().await?,
            NewUser {
                email,
                name,
                password: None,
                is_admin: admin,
            },
        )
        .await?;
        println!("Account:           {}", created.user.email);
        println!("One-time password: {}", created.one_time_password.unwrap_or_default());
        Ok(())
    }
}
