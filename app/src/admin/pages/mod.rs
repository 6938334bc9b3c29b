//! The administrator's pages.

mod audit;
mod new_user;
mod overview;
mod settings;
mod system;
mod user;
mod users;

pub use audit::AuditPage;
pub use new_user::NewUserPage;
pub use overview::AdminPage;
pub use settings::SettingsPage;
pub use system::SystemPage;
pub use user::UserPage;
pub use users::UsersPage;
