//! An administrator for a moment, for checks that are run on the server's own machine without a token: whoever may read the
//! configuration there may administer anyway. Made and deactivated in the audit log's sight.

use crate::boot::{self, Parts};
use crate::config::Config;
use anyhow::{Context, ensure};
use app::account::service::{NewUser, create_user};
use app::account::tokens;
use app::entity::user;
use app::platform::Ctx;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

/// A token that is gone when `end` has been called; after a day at the latest.
pub struct Access {
    pub token: String,
    pub parts: Parts,
    ctx: Ctx,
    account: user::Model,
}

impl Access {
    pub async fn open(config: &Config) -> anyhow::Result<Access> {
        let db = app::platform::db::Db::connect(&config.database_url(), 2).await?;
        let schema = migration::control::look(db.read()).await?;
        ensure!(
            schema.pending.is_empty(),
            "{} migrations are pending: run `auto-grader migrate up` first",
            schema.pending.len()
        );
        let parts = boot::start(config.clone(), false).await?;
        let ctx = parts.ctx().await?;
        let mark = uuid::Uuid::now_v7().simple().to_string();
        let new = NewUser {
            email: format!("check-{mark}@localhost.localdomain"),
            name: "Check of the installation".into(),
            password: None,
            is_admin: true,
        };
        let account = create_user(&ctx, new)
            .await
            .context("no account could be made for the check")?
            .user;
        let acting = ctx.acting_as(&account);
        let scopes = ["read", "write", "admin"].map(str::to_owned).to_vec();
        let token = tokens::create(&acting, "Check of the installation".into(), scopes, 1)
            .await
            .context("no token could be made for the check")?;
        Ok(Access {
            token,
            parts,
            ctx: acting,
            account,
        })
    }

    /// Takes the account out of use, and with it the token.
    pub async fn end(self) -> anyhow::Result<()> {
        let id = self.account.id;
        let mut row = self.account.into_active_model();
        row.deactivated_at = Set(Some(self.ctx.now()));
        row.is_admin = Set(false);
        let tx = self.ctx.state.db.begin().await?;
        row.update(&*tx)
            .await
            .context("the account of the check could not be deactivated")?;
        let act = app::audit::store::Act {
            action: "user.deactivate",
            target_kind: "user",
            target_id: id.to_string(),
            detail: serde_json::json!({ "why": "the check is over" }),
        };
        app::audit::store::record(&self.ctx, &*tx, act).await?;
        tx.commit().await?;
        Ok(())
    }
}
