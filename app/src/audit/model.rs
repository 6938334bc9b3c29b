//! Entries of the audit log as administrators see them.

use crate::time::Moment;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = AuditEntry))]
pub struct Entry {
    pub id: i64,
    pub at: Moment,
    /// Who; `system` for the program itself.
    pub actor: String,
    /// What, as `noun.verb`: `course.create`.
    pub action: String,
    /// On what: `course`, and its id.
    pub target_kind: String,
    pub target_id: String,
    /// Particulars, as JSON.
    pub detail: String,
    pub hash: String,
}
