//! Pages about mail: notifications, what one wants to be told, unsubscribing, and the administrator's outbox.

mod notifications;
mod outbox;
mod preferences;
mod unsubscribe;

pub use notifications::NotificationsPage;
pub use outbox::OutboxPage;
pub use preferences::PreferencesPage;
pub use unsubscribe::UnsubscribePage;
