//! How the launch goes on: adoption, use, submissions and grading after a day, a week, a month and three months, counted from the
//! database. What no database knows stands there empty, with who fills it in.

use app::platform::db::Db;
use app::time::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, Statement};
use serde::{Deserialize, Serialize};

/// The table of measures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// When people came; empty before the launch.
    pub launched_at: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

/// A stretch of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    pub from: String,
    pub until: String,
    pub state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Over,
    /// Numbers up to the report's time.
    SoFar,
    NotYet,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub group: String,
    pub name: String,
    /// One for each column; empty where there is none yet, or a person fills it in.
    pub values: Vec<String>,
    /// Who fills it in; empty where the system counts.
    pub by: String,
}

const WINDOWS: [(&str, i64); 4] = [("Day 1", 1), ("Week 1", 7), ("Month 1", 30), ("Month 3", 91)];

struct Count {
    group: &'static str,
    name: &'static str,
    /// With `:from` and `:until` for the stretch of time, in microseconds.
    sql: &'static str,
}

/// The same on SQLite and MySQL.
#[rustfmt::skip]
const COUNTS: &[Count] = &[
    Count { group: "Adoption", name: "Accounts that can sign in, at the end",
        sql: "SELECT COUNT(*) FROM users WHERE created_at < :until AND (deactivated_at IS NULL OR deactivated_at >= :until)" },
    Count { group: "Adoption", name: "People who did something",
        sql: "SELECT COUNT(*) FROM (SELECT user_id AS person FROM submissions WHERE started_at >= :from AND started_at < :until \
            UNION SELECT actor_id FROM audit_log WHERE actor_id IS NOT NULL AND `at` >= :from AND `at` < :until \
            UNION SELECT actor_id FROM grade_events WHERE actor_id IS NOT NULL AND `at` >= :from AND `at` < :until) AS people" },
    Count { group: "Adoption", name: "Students who handed something in",
        sql: "SELECT COUNT(DISTINCT user_id) FROM submissions WHERE submitted_at >= :from AND submitted_at < :until" },
    Count { group: "Adoption", name: "Teachers and assistants who graded",
        sql: "SELECT COUNT(DISTINCT actor_id) FROM grade_events WHERE actor_id IS NOT NULL AND `at` >= :from AND `at` < :until" },
    Count { group: "Adoption", name: "Courses with submissions",
        sql: "SELECT COUNT(DISTINCT assignments.course_id) FROM submissions JOIN assignments ON assignments.id = submissions.assignment_id \
            WHERE submissions.submitted_at >= :from AND submissions.submitted_at < :until" },
    Count { group: "Use of features", name: "Files attached",
        sql: "SELECT COUNT(*) FROM files WHERE state = 'ready' AND created_at >= :from AND created_at < :until" },
    Count { group: "Use of features", name: "Acts on groups of answers",
        sql: "SELECT COUNT(*) FROM group_acts WHERE `at` >= :from AND `at` < :until" },
    Count { group: "Use of features", name: "Risk dial set",
        sql: "SELECT COUNT(*) FROM risk_dials WHERE set_at >= :from AND set_at < :until" },
    Count { group: "Use of features", name: "Suggestions made anew after decisions",
        sql: "SELECT COUNT(*) FROM suggestion_runs WHERE made_at >= :from AND made_at < :until" },
    Count { group: "Use of features", name: "Gradebooks exported",
        sql: "SELECT COUNT(*) FROM audit_log WHERE action = 'gradebook.export' AND `at` >= :from AND `at` < :until" },
    Count { group: "Use of features", name: "Tokens made for programs",
        sql: "SELECT COUNT(*) FROM api_tokens WHERE created_at >= :from AND created_at < :until" },
    Count { group: "Submissions", name: "Begun",
        sql: "SELECT COUNT(*) FROM submissions WHERE started_at >= :from AND started_at < :until" },
    Count { group: "Submissions", name: "Handed in",
        sql: "SELECT COUNT(*) FROM submissions WHERE submitted_at >= :from AND submitted_at < :until" },
    Count { group: "Submissions", name: "Handed in late",
        sql: "SELECT COUNT(*) FROM submissions WHERE late_percent > 0 AND submitted_at >= :from AND submitted_at < :until" },
    Count { group: "Grading", name: "Answers with a suggestion",
        sql: "SELECT COUNT(*) FROM grades WHERE machine_at >= :from AND machine_at < :until" },
    Count { group: "Grading", name: "Of these accepted without review",
        sql: "SELECT COUNT(*) FROM grades WHERE review_state = 'accepted' AND machine_at >= :from AND machine_at < :until" },
    Count { group: "Grading", name: "Answers decided by people",
        sql: "SELECT COUNT(*) FROM grades WHERE human_at >= :from AND human_at < :until" },
    Count { group: "Grading", name: "Of these with other points than suggested",
        sql: "SELECT COUNT(*) FROM grades WHERE human_points <> machine_points AND human_at >= :from AND human_at < :until" },
    Count { group: "Grading", name: "Seconds until a suggestion, on average",
        sql: "SELECT CAST(SUM(finished_at - created_at) / (COUNT(*) * 1000000) AS SIGNED) FROM grading_work \
            WHERE state = 'done' AND finished_at >= :from AND finished_at < :until" },
    Count { group: "Grading", name: "Answers given up",
        sql: "SELECT COUNT(*) FROM grading_work WHERE state = 'failed' AND created_at >= :from AND created_at < :until" },
    Count { group: "Grading", name: "Assignments with published results",
        sql: "SELECT COUNT(*) FROM assignments WHERE grades_published_at >= :from AND grades_published_at < :until" },
];

/// What a person knows and the system cannot.
const BY_HAND: [(&str, &str, &str); 7] = [
    ("Support", "Tickets opened", "Support"),
    ("Support", "Tickets answered within a working day, %", "Support"),
    ("Support", "Most frequent question", "Support"),
    ("Satisfaction", "Students, 1 to 5, and how many answered", "Launch lead"),
    ("Satisfaction", "Teachers, 1 to 5, and how many answered", "Launch lead"),
    ("Adoption", "Invited people who took part, %", "Launch lead"),
    ("Reliability", "Incidents, and minutes of them", "Operations"),
];

/// Counts up to `now`. Without a time of launch there is one column: everything until now.
pub async fn measures(db: Option<&Db>, launched: Option<Timestamp>, now: Timestamp) -> Measures {
    let windows = windows(launched, now);
    let mut rows = Vec::new();
    for count in COUNTS {
        let mut values = Vec::new();
        for (column, from, until) in &windows {
            values.push(match (column.state, db) {
                (State::NotYet, _) | (_, None) => String::new(),
                (_, Some(db)) => value(db, count, *from, *until).await,
            });
        }
        rows.push(row(count.group, count.name, values, ""));
    }
    for (group, name, by) in BY_HAND {
        rows.push(row(group, name, vec![String::new(); windows.len()], by));
    }
    // Rows of one group stand together, in the order in which the groups first appear.
    let order: Vec<String> = rows.iter().map(|row| row.group.clone()).collect();
    rows.sort_by_key(|row| order.iter().position(|group| *group == row.group));
    Measures {
        launched_at: launched.map_or_else(String::new, Timestamp::rfc3339),
        columns: windows.into_iter().map(|(column, _, _)| column).collect(),
        rows,
    }
}

fn row(group: &str, name: &str, values: Vec<String>, by: &str) -> Row {
    Row {
        group: group.to_owned(),
        name: name.to_owned(),
        values,
        by: by.to_owned(),
    }
}

/// The columns, with where each begins and how far it is counted.
fn windows(launched: Option<Timestamp>, now: Timestamp) -> Vec<(Column, Timestamp, Timestamp)> {
    let column = |name: &str, from: Timestamp, until: Timestamp, state| Column {
        name: name.to_owned(),
        from: from.rfc3339(),
        until: until.rfc3339(),
        state,
    };
    let first = Timestamp(0);
    let mut all = vec![(column("Until now", first, now, State::SoFar), first, now)];
    let Some(launched) = launched else { return all };
    for (name, days) in WINDOWS {
        let until = launched.plus(days * Timestamp::DAY);
        let state = match (launched >= now, until <= now) {
            (true, _) => State::NotYet,
            (_, true) => State::Over,
            _ => State::SoFar,
        };
        all.push((column(name, launched, until, state), launched, until.min(now)));
    }
    all
}

async fn value(db: &Db, count: &Count, from: Timestamp, until: Timestamp) -> String {
    match number(db, count, from, until).await {
        Ok(Some(number)) => number.to_string(),
        Ok(None) => String::new(),
        Err(error) => {
            tracing::warn!(measure = count.name, %error, "a measure could not be counted");
            "not counted".to_owned()
        }
    }
}

async fn number(db: &Db, count: &Count, from: Timestamp, until: Timestamp) -> Result<Option<i64>, DbErr> {
    // Numbers of our own, not what anybody typed.
    let sql = count
        .sql
        .replace(":from", &from.0.to_string())
        .replace(":until", &until.0.to_string());
    let db = db.read();
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?;
    match row {
        Some(row) => row.try_get_by_index(0),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_that_are_over_running_and_to_come() {
        let launched = Timestamp(1_000 * Timestamp::DAY);
        let now = launched.plus(3 * Timestamp::DAY);
        let states: Vec<State> = windows(Some(launched), now)
            .iter()
            .map(|(column, _, _)| column.state)
            .collect();
        assert_eq!(
            states,
            [State::SoFar, State::Over, State::SoFar, State::SoFar, State::SoFar]
        );
        let (_, from, until) = &windows(Some(launched), now)[2];
        assert_eq!((*from, *until), (launched, now), "a running week is counted until now");
        assert!(
            windows(Some(now), launched)[1..]
                .iter()
                .all(|(column, _, _)| column.state == State::NotYet)
        );
        assert_eq!(windows(None, now).len(), 1);
    }

    #[tokio::test]
    async fn every_measure_can_be_counted_on_a_fresh_database() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("a.db").display());
        let db = Db::connect(&url, 1).await.expect("opens");
        migration::control::ensure(db.read()).await.expect("migrated");
        let now = Timestamp(2_000 * Timestamp::DAY);
        let counted = measures(Some(&db), Some(now.plus(-Timestamp::DAY)), now).await;
        assert_eq!(counted.columns.len(), 5);
        for row in counted.rows.iter().filter(|row| row.by.is_empty()) {
            assert!(
                row.values.iter().all(|value| value.is_empty() || value == "0"),
                "{row:?}"
            );
        }
        assert!(counted.rows.iter().any(|row| !row.by.is_empty()));
        let without = measures(None, None, now).await;
        assert!(without.rows.iter().all(|row| row.values == [""]));
    }
}
