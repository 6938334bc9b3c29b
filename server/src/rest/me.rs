//! Who is asking.

use super::support::Who;
use app::account::model::Person;
use app::error::AppResult;
use app::platform::ctx::Via;
use app::submission::model::Mine;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(me)).routes(routes!(assignments))
}

/// Who asks, and what the token may do.
#[derive(Debug, Serialize, ToSchema)]
struct Me {
    person: Person,
    /// All of `read`, `write` and `admin` for somebody signed in with a browser.
    scopes: Vec<String>,
}

/// Who I am
#[utoipa::path(get, path = "/me", tag = "Me", responses((status = 200, body = Me)))]
async fn me(Who(ctx): Who) -> AppResult<Json<Me>> {
    let actor = ctx.actor()?;
    let scopes = match &actor.via {
        Via::Token { scopes, .. } => scopes.clone(),
        Via::Session | Via::System => ["read", "write", "admin"].map(str::to_owned).to_vec(),
    };
    Ok(Json(Me {
        person: app::account::service::person(actor),
        scopes,
    }))
}

/// My assignments as a student: what is due first stands first
#[utoipa::path(get, path = "/me/assignments", tag = "Me", responses((status = 200, body = Vec<Mine>)))]
async fn assignments(Who(ctx): Who) -> AppResult<Json<Vec<Mine>>> {
    app::submission::service::mine(&ctx).await.map(Json)
}
