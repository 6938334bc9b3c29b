//! Mail, through a real SMTP server.

mod letters;
mod sending;

use crate::support::{Database, Sink, TestApp};
use app::entity::mail_outbox;
use app::ids::MailId;
use app::mail::service;
use sea_orm::EntityTrait;
use server::mail::{Round, Sender};
use tokio_util::sync::CancellationToken;

async fn with_mail(database: Database, sink: &Sink) -> TestApp {
    let url = sink.url();
    TestApp::configured(database, move |config| {
        config.mail.url = Some(url);
        config.server.public_url = Some("https://grader.school.example".into());
    })
    .await
}

async fn sender(app: &TestApp) -> Sender {
    app.parts.sender().await.unwrap().unwrap()
}

/// Sends until nothing is due.
async fn send_all(sender: &Sender) {
    let stop = CancellationToken::new();
    while sender.batch(&stop).await.unwrap() == Round::Busy {}
}

async fn post(app: &TestApp, to: &str) -> MailId {
    service::post_test(&app.ctx, to).await.unwrap()
}

async fn row(app: &TestApp, id: MailId) -> mail_outbox::Model {
    mail_outbox::Entity::find_by_id(id)
        .one(app.ctx.db())
        .await
        .unwrap()
        .unwrap()
}
