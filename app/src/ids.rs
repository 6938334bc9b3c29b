//! Typed ids: UUIDv7 newtypes, so that a question's id is never taken for an answer's.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "ssr", derive(sea_orm::DeriveValueType, utoipa::ToSchema))]
        #[cfg_attr(feature = "ssr", schema(value_type = String, format = Uuid))]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        // SeaORM asks this of every primary key, for databases that count; our ids are never made by counting.
        #[cfg(feature = "ssr")]
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl $name {
            /// A new id; later ids sort after earlier ones.
            #[cfg(feature = "ssr")]
            #[expect(clippy::new_without_default, reason = "an id is made on purpose, never by default")]
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    UserId,
    TokenId,
    CourseId,
    EnrolmentId,
    AssignmentId,
    QuestionId,
    ReferenceId,
    CriterionId,
    RubricItemId,
    SubmissionId,
    AnswerId,
    /// Made by the browser for each change it sends, so that a replay is recognised.
    JournalId,
    FileId,
    WorkId,
    GradeId,
    ModelId,
    MailId,
    NotificationId,
    /// A one-time link: reset a password, confirm an address.
    LinkId,
    /// A window of maintenance.
    WindowId,
    /// One making of suggestions for a whole question.
    RunId,
    DialId,
    GroupActId,
    TrialId,
}
