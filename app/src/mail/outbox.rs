//! Putting mail into the outbox, in the transaction of what it tells about.

use crate::entity::{mail_outbox, mail_preference, notification, quiet_hours, user};
use crate::error::AppResult;
use crate::ids::{MailId, NotificationId, UserId};
use crate::mail::delivery::state;
use crate::mail::model::Kind;
use crate::mail::template::{self, Foot};
use crate::mail::words::Message;
use crate::mail::{quiet, service};
use crate::platform::Ctx;
use crate::time::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use std::collections::HashMap;

/// Whom to tell.
#[derive(Clone, Debug)]
pub enum To {
    /// Their preferences and quiet hours hold; deactivated accounts are told nothing.
    User(UserId),
    /// An address without an account, such as that of a test.
    Address(String),
}

/// Something to tell somebody.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: To,
    pub message: Message,
    /// Names the event and the person (at most 190 characters): a second mail with the same key is not taken.
    pub dedupe_key: String,
    /// After this it is of no use and is not sent.
    pub expires_at: Option<Timestamp>,
}

impl Mail {
    pub fn new(to: To, message: Message, dedupe_key: impl Into<String>) -> Mail {
        Mail {
            to,
            message,
            dedupe_key: dedupe_key.into(),
            expires_at: None,
        }
    }
}

/// Tells one person; call it inside the transaction of the event. The sender finds the row by itself.
pub async fn enqueue(ctx: &Ctx, tx: &impl ConnectionTrait, mail: Mail) -> AppResult<()> {
    enqueue_all(ctx, tx, vec![mail]).await
}

/// Tells many people with few questions to the database.
pub async fn enqueue_all(ctx: &Ctx, tx: &impl ConnectionTrait, mails: Vec<Mail>) -> AppResult<()> {
    for part in mails.chunks(300) {
        let people = People::of(tx, part).await?;
        let (mut post, mut notes) = (Vec::new(), Vec::new());
        for mail in part {
            let Some(reader) = people.reader(&mail.to, mail.message.kind()) else {
                continue;
            };
            let letter = mail.message.letter(&reader.name, &ctx.institution.name);
            if reader.by_mail && ctx.state.mail.enabled {
                post.push(row(ctx, mail, &reader, &letter).into_active_model().reset_all());
            }
            if let Some(user) = reader.user.filter(|_| reader.in_app) {
                let note = notification::Model {
                    id: NotificationId::new(),
                    user_id: user,
                    kind: mail.message.kind().code().to_owned(),
                    title: template::line(&letter.subject, 300),
                    body: template::line(&letter.short, 1000),
                    link: letter.path.clone(),
                    dedupe_key: mail.dedupe_key.clone(),
                    created_at: ctx.now(),
                    read_at: None,
                };
                notes.push(note.into_active_model().reset_all());
            }
        }
        insert(tx, post, notes).await?;
    }
    Ok(())
}

async fn insert(
    tx: &impl ConnectionTrait,
    post: Vec<mail_outbox::ActiveModel>,
    notes: Vec<notification::ActiveModel>,
) -> AppResult<()> {
    // What was told already is not told again; that is no error.
    for rows in post.chunks(100) {
        let told = OnConflict::column(mail_outbox::Column::DedupeKey)
            .do_nothing_on([mail_outbox::Column::Id])
            .to_owned();
        mail_outbox::Entity::insert_many(rows.to_vec())
            .on_conflict(told)
            .exec_without_returning(tx)
            .await?;
    }
    for rows in notes.chunks(100) {
        let told = OnConflict::column(notification::Column::DedupeKey)
            .do_nothing_on([notification::Column::Id])
            .to_owned();
        notification::Entity::insert_many(rows.to_vec())
            .on_conflict(told)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

fn row(ctx: &Ctx, mail: &Mail, reader: &Reader<'_>, letter: &super::words::Letter) -> mail_outbox::Model {
    let (now, kind, settings) = (ctx.now(), mail.message.kind(), &ctx.state.mail);
    let id = MailId::new();
    let unsubscribe = reader
        .user
        .filter(|_| kind.is_optional())
        .map(|user| service::unsubscribe_link(ctx, user, kind));
    let foot = Foot {
        public_url: &settings.public_url,
        unsubscribe: unsubscribe.as_deref(),
    };
    let wait = reader
        .quiet
        .filter(|_| !kind.is_urgent())
        .and_then(|hours| quiet::end(hours, &ctx.institution, now));
    mail_outbox::Model {
        id,
        kind: kind.code().to_owned(),
        user_id: reader.user,
        recipient: reader.address.clone(),
        subject: template::line(&letter.subject, 300),
        text: template::text(letter, &foot),
        html: template::html(letter, &foot),
        unsubscribe,
        dedupe_key: mail.dedupe_key.clone(),
        // The same at every try, so that whoever gets it twice can tell.
        message_id: format!("<{id}@{}>", settings.domain()),
        state: state::WAITING.to_owned(),
        attempts: 0,
        claimed_by: None,
        lease_until: None,
        not_before: wait.unwrap_or(now),
        expires_at: mail.expires_at,
        problem: None,
        created_at: now,
        sending_at: None,
        finished_at: None,
    }
}

/// The people of a batch, their wishes and quiet hours.
struct People {
    users: HashMap<UserId, user::Model>,
    wishes: HashMap<(UserId, String), mail_preference::Model>,
    quiet: HashMap<UserId, quiet_hours::Model>,
}

struct Reader<'a> {
    user: Option<UserId>,
    name: String,
    address: String,
    by_mail: bool,
    in_app: bool,
    quiet: Option<&'a quiet_hours::Model>,
}

impl People {
    async fn of(tx: &impl ConnectionTrait, mails: &[Mail]) -> AppResult<People> {
        let ids: Vec<UserId> = mails
            .iter()
            .filter_map(|mail| match mail.to {
                To::User(id) => Some(id),
                To::Address(_) => None,
            })
            .collect();
        if ids.is_empty() {
            return Ok(People {
                users: HashMap::new(),
                wishes: HashMap::new(),
                quiet: HashMap::new(),
            });
        }
        let users = user::Entity::find()
            .filter(user::Column::Id.is_in(ids.clone()))
            .filter(user::Column::DeactivatedAt.is_null())
            .all(tx)
            .await?;
        let wishes = mail_preference::Entity::find()
            .filter(mail_preference::Column::UserId.is_in(ids.clone()))
            .all(tx)
            .await?;
        let quiet = quiet_hours::Entity::find()
            .filter(quiet_hours::Column::UserId.is_in(ids))
            .all(tx)
            .await?;
        Ok(People {
            users: users.into_iter().map(|row| (row.id, row)).collect(),
            wishes: wishes
                .into_iter()
                .map(|row| ((row.user_id, row.kind.clone()), row))
                .collect(),
            quiet: quiet.into_iter().map(|row| (row.user_id, row)).collect(),
        })
    }

    fn reader(&self, to: &To, kind: Kind) -> Option<Reader<'_>> {
        match to {
            To::Address(address) => Some(Reader {
                user: None,
                name: String::new(),
                address: address.clone(),
                by_mail: true,
                in_app: false,
                quiet: None,
            }),
            To::User(id) => {
                let user = self.users.get(id)?;
                let wish = self
                    .wishes
                    .get(&(*id, kind.code().to_owned()))
                    .filter(|_| kind.is_optional());
                Some(Reader {
                    user: Some(*id),
                    name: user.name.clone(),
                    address: user.email.clone(),
                    by_mail: wish.is_none_or(|wish| wish.mail),
                    in_app: kind.is_in_app() && wish.is_none_or(|wish| wish.app),
                    quiet: self.quiet.get(id),
                })
            }
        }
    }
}
