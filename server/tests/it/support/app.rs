//! The real router on a free port, over a database of its own.

use super::client::Client;
use app::account::service::{NewUser, create_user};
use app::entity::user;
use app::ids::UserId;
use app::platform::Ctx;
use app::platform::db::Db;
use grading::Grader;
use sea_orm::ConnectionTrait;
use server::boot::{self, Parts};
use server::config::Config;
use std::net::SocketAddr;
use tokio_util::sync::CancellationToken;

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    /// On the server named by `TEST_MYSQL_URL`.
    MariaDb,
}

impl Database {
    /// The ones there are here.
    pub fn all() -> Vec<Database> {
        let maria = std::env::var("TEST_MYSQL_URL").ok().map(|_| Database::MariaDb);
        [Some(Database::Sqlite), maria].into_iter().flatten().collect()
    }
}

/// A running server. Everything it holds goes with it.
pub struct TestApp {
    pub parts: Parts,
    pub base: String,
    pub ctx: Ctx,
    stop: CancellationToken,
    _folder: tempfile::TempDir,
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Good enough for everyone here.
pub const PASSWORD: &str = "four unrelated words";

impl TestApp {
    /// On SQLite, without a worker.
    pub async fn start() -> TestApp {
        TestApp::on(Database::Sqlite).await
    }

    pub async fn on(database: Database) -> TestApp {
        TestApp::configured(database, |_| {}).await
    }

    /// With other settings.
    pub async fn configured(database: Database, change: impl FnOnce(&mut Config)) -> TestApp {
        super::log::start();
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.server.data_dir = folder.path().join("data");
        config.server.site_root = folder.path().join("site");
        config.limits.file_mb = 1;
        config.database.connections = 8;
        if database == Database::MariaDb {
            config.database.url = Some(fresh_maria_db().await);
        }
        change(&mut config);
        let parts = boot::start(config, false).await.unwrap();
        let ctx = parts.ctx().await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let service = server::http::router(&parts).into_make_service_with_connect_info::<SocketAddr>();
        let ended = stop.clone();
        tokio::spawn(async move {
            tokio::select! { result = axum::serve(listener, service) => result.unwrap(), () = ended.cancelled() => {} }
        });
        TestApp {
            parts,
            base,
            ctx,
            stop,
            _folder: folder,
        }
    }

    /// Starts the worker, with a grader of its own.
    pub async fn grade_with(&mut self, grader: Grader) {
        self.parts.grader = Some(grader.into());
        let worker = self.parts.worker().await.unwrap().unwrap();
        tokio::spawn(worker.run(self.stop.clone()));
    }

    /// An account.
    pub async fn user(&self, name: &str, is_admin: bool) -> user::Model {
        let new = NewUser {
            email: email(name),
            name: name.into(),
            password: Some(PASSWORD.into()),
            is_admin,
        };
        create_user(&self.ctx, new).await.unwrap().user
    }

    /// Somebody without a session.
    pub fn stranger(&self) -> Client {
        Client::new(&self.base)
    }

    /// Signs in as a browser does.
    pub async fn sign_in(&self, name: &str) -> Client {
        let client = self.stranger();
        let reply = client
            .rpc("account/sign_in", &[("email", &email(name)), ("password", PASSWORD)])
            .await;
        assert!(
            reply.status < 400,
            "{name} cannot sign in: {} {}",
            reply.status,
            reply.text
        );
        client
    }

    /// An account, signed in.
    pub async fn person(&self, name: &str, is_admin: bool) -> (UserId, Client) {
        let user = self.user(name, is_admin).await;
        (user.id, self.sign_in(name).await)
    }
}

pub fn email(name: &str) -> String {
    format!("{}@test.example", name.to_lowercase().replace(' ', "."))
}

/// It is left behind: the server of the tests goes as a whole.
async fn fresh_maria_db() -> String {
    let server = std::env::var("TEST_MYSQL_URL").unwrap();
    let name = format!("it_{}", uuid::Uuid::now_v7().simple());
    let db = Db::connect(&server, 1).await.unwrap();
    db.read()
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    let (host, _) = server.rsplit_once('/').unwrap();
    format!("{host}/{name}")
}
