//! The incident id of the running request: in every log line, on every error page, and nowhere else needed.

tokio::task_local! {
    static INCIDENT: String;
}

/// A new id: short enough to read over the telephone.
pub fn generate() -> String {
    let id = uuid::Uuid::now_v7().simple().to_string();
    // The first 8 digits are the time, the last 6 are random: unique enough within the life of a log.
    format!("{}-{}", &id[4..12], &id[26..])
}

/// The id that a trusted proxy gave the request, when it is one that may stand in a log: 8 to 64 letters, digits and hyphens.
pub fn from_proxy(id: &str) -> Option<String> {
    let fine = (8..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    fine.then(|| id.to_owned())
}

/// The current request's id; a fresh one outside a request.
pub fn current() -> String {
    INCIDENT.try_with(Clone::clone).unwrap_or_else(|_| generate())
}

/// Runs `work` under `id`.
pub async fn scope<F: Future>(id: String, work: F) -> F::Output {
    INCIDENT.scope(id, work).await
}
