//! The request context: who asks, when, and what the answer may use. One wrapper for pages, server functions and REST.

use crate::error::{AppError, AppResult};
use crate::ids::{TokenId, UserId};
use crate::platform::state::AppState;
use crate::settings::model::Institution;
use crate::time::{Moment, Timestamp};
use sea_orm::DatabaseConnection;
use std::sync::Arc;
use tower_sessions::Session;

/// Everything a service needs to know about the request; cheap to clone.
#[derive(Clone)]
pub struct Ctx {
    pub state: AppState,
    pub actor: Option<Arc<Actor>>,
    pub session: Option<Session>,
    pub client: Arc<Client>,
    pub institution: Arc<Institution>,
    /// Whether the answer must hold what was written a moment ago, also on pages that else read from a replica.
    pub fresh: bool,
}

/// The person behind the request.
#[derive(Clone, Debug)]
pub struct Actor {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub is_admin: bool,
    pub must_change_password: bool,
    pub via: Via,
}

/// How the person was recognised.
#[derive(Clone, Debug)]
pub enum Via {
    Session,
    /// A bearer token, limited to its scopes.
    Token {
        id: TokenId,
        scopes: Vec<String>,
    },
    /// The program itself: seeding and command line.
    System,
}

/// Where the request comes from.
#[derive(Clone, Debug, Default)]
pub struct Client {
    pub address: String,
    pub user_agent: String,
    /// Scheme and host as the browser sees them: `https://grader.school.example`.
    pub origin: String,
}

impl Ctx {
    /// A context for work without a request: worker, seeding, command line.
    pub async fn system(state: AppState) -> AppResult<Ctx> {
        let institution = state.institution.get(&state.db, state.clock.now()).await?;
        Ok(Ctx {
            state,
            actor: None,
            session: None,
            client: Arc::default(),
            institution,
            fresh: true,
        })
    }

    /// The same context, acting as somebody.
    pub fn acting_as(&self, user: &crate::entity::user::Model) -> Ctx {
        Ctx {
            actor: Some(Arc::new(Actor::from_user(user, Via::System))),
            ..self.clone()
        }
    }

    /// Who asks; an error when nobody is signed in.
    pub fn actor(&self) -> AppResult<&Actor> {
        self.actor.as_deref().ok_or_else(AppError::sign_in)
    }

    /// Who asks, if an administrator.
    pub fn admin(&self) -> AppResult<&Actor> {
        let actor = self.actor()?;
        if actor.is_admin {
            Ok(actor)
        } else {
            Err(AppError::forbidden("Only administrators can do this."))
        }
    }

    pub fn now(&self) -> Timestamp {
        self.state.clock.now()
    }

    /// For questions; changes go through `self.state.db.begin()`.
    pub fn db(&self) -> &DatabaseConnection {
        self.state.db.read()
    }

    /// For lists, reports and exports, which may be some seconds old: a replica, unless this person has just changed something.
    pub fn reports(&self) -> &DatabaseConnection {
        if self.fresh {
            self.state.db.read()
        } else {
            self.state.db.replica()
        }
    }

    /// An instant as this institution's readers see it.
    pub fn moment(&self, at: Timestamp) -> Moment {
        Moment {
            at,
            offset_minutes: self.institution.offset_minutes(at),
        }
    }

    /// The instant a wall-clock input (`datetime-local`) means here.
    pub fn parse_input(&self, text: &str) -> Option<Timestamp> {
        crate::time::parse_input(text).map(|wall| self.institution.instant_of(wall))
    }
}

impl Actor {
    pub fn from_user(user: &crate::entity::user::Model, via: Via) -> Actor {
        Actor {
            id: user.id,
            email: user.email.clone(),
            name: user.name.clone(),
            is_admin: user.is_admin,
            must_change_password: user.must_change_password,
            via,
        }
    }

    /// Whether the request may use `scope` (`read`, `write`, `admin`); people in the browser may use all.
    pub fn has_scope(&self, scope: &str) -> bool {
        match &self.via {
            Via::Session | Via::System => true,
            Via::Token { scopes, .. } => scopes.iter().any(|s| s == scope),
        }
    }
}

/// Runs a server function: finds the context, runs `work`, sets the status of an error.
pub async fn run<T, F, Fut>(work: F) -> AppResult<T>
where
    F: FnOnce(Ctx) -> Fut,
    Fut: Future<Output = AppResult<T>>,
{
    let result = match from_request() {
        Ok(ctx) => work(ctx).await,
        Err(error) => Err(error),
    };
    if let Err(error) = &result {
        super::http::set_status(error);
    }
    result
}

fn from_request() -> AppResult<Ctx> {
    leptos::prelude::use_context::<::http::request::Parts>()
        .and_then(|parts| parts.extensions.get::<Ctx>().cloned())
        .ok_or_else(|| AppError::internal("a server function ran outside a request"))
}
