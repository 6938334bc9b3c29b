//! The live picture of an assignment being graded.

use crate::course::model::Role;
use crate::course::policy::{self, Duty};
use crate::error::AppResult;
use crate::grade::model::{BANDS, BINS, Cockpit, Happening, Learnt, Progress, QuestionProgress};
use crate::grade::store::{learning, progress as store, sample as samples, work::state};
use crate::ids::{AssignmentId, QuestionId};
use crate::platform::Ctx;
use crate::points::Points;
use crate::time::Timestamp;
use std::collections::HashMap;

/// Speed is measured over this long.
const PACE: i64 = 8 * Timestamp::SECOND;
/// Happenings shown at once.
const RECENT: u32 = 8;
/// Characters of a prompt that fit a row.
const PROMPT: usize = 100;

/// The picture now, for staff.
pub async fn progress(ctx: &Ctx, assignment: AssignmentId) -> AppResult<Progress> {
    policy::assignment(ctx, assignment, Duty::Grade).await?;
    snapshot(ctx, assignment).await
}

/// Everything the cockpit opens with.
pub async fn cockpit(ctx: &Ctx, assignment: AssignmentId) -> AppResult<Cockpit> {
    let (row, role) = policy::assignment(ctx, assignment, Duty::Grade).await?;
    let (course, _) = policy::course(ctx, row.course_id, Duty::See).await?;
    Ok(Cockpit {
        assignment,
        title: row.title.clone(),
        course: course.id,
        course_title: course.title,
        progress: snapshot(ctx, assignment).await?,
        publishing: super::publishing::count(ctx, ctx.db(), &row).await?,
        may_publish: role == Role::Teacher,
    })
}

/// The picture now, without asking who looks: for streams that were allowed when they opened.
pub async fn snapshot(ctx: &Ctx, assignment: AssignmentId) -> AppResult<Progress> {
    let db = ctx.db();
    let now = ctx.now();
    // The number first: what comes after it may already be in the counts, but nothing before it is missing from them.
    let recent = store::recent(db, assignment, RECENT).await?;
    let sequence = recent.first().map_or(0, |event| event.id);
    let questions = store::questions(db, assignment).await?;
    let mut rows: HashMap<QuestionId, QuestionProgress> = questions
        .iter()
        .map(|question| {
            let prompt = one_line(&question.prompt);
            let row = QuestionProgress {
                question: question.id,
                position: question.position,
                prompt,
                points: question.points,
                queued: 0,
                held: 0,
                graded: 0,
                failed: 0,
                waiting: 0,
                accepted: 0,
                reviewed: 0,
                sample: 0,
                learnt: None,
                bins: vec![vec![0; BANDS.len()]; BINS],
            };
            (question.id, row)
        })
        .collect();
    for count in store::work(db, assignment).await? {
        let Some(row) = rows.get_mut(&count.question_id) else {
            continue;
        };
        match count.state.as_str() {
            state::DONE => row.graded += number(count.n),
            state::FAILED => row.failed += number(count.n),
            state::HELD => {
                row.queued += number(count.n);
                row.held += number(count.n);
            }
            _ => row.queued += number(count.n),
        }
    }
    for count in store::grades(db, assignment).await? {
        let Some(row) = rows.get_mut(&count.question_id) else {
            continue;
        };
        match count.review_state.as_str() {
            "waiting" => row.waiting += number(count.n),
            "reviewed" => row.reviewed += number(count.n),
            _ => row.accepted += number(count.n),
        }
        let (bin, band) = (
            count.bin.clamp(0, BINS as i32 - 1) as usize,
            count.band.clamp(0, BANDS.len() as i32 - 1) as usize,
        );
        row.bins[bin][band] += number(count.n);
    }
    for lesson in learning::of_assignment(db, assignment).await? {
        let (Some(row), Some(at)) = (rows.get_mut(&lesson.question_id), lesson.learnt_at) else {
            continue;
        };
        row.learnt = (lesson.decisions > 0).then(|| Learnt {
            lessons: lesson.done,
            decisions: lesson.decisions.unsigned_abs(),
            answers: lesson.answers.unsigned_abs(),
            changed: lesson.changed.unsigned_abs(),
            at: ctx.moment(at),
        });
    }
    for count in store::unspoken(db, assignment).await? {
        if let Some(row) = rows.get_mut(&count.question_id) {
            row.waiting += number(count.n);
        }
    }
    for (question, n) in samples::unseen(db, assignment).await? {
        if let Some(row) = rows.get_mut(&question) {
            row.sample += n;
        }
    }
    let pace = store::pace(db, assignment, now.plus(-PACE)).await?;
    let span = pace
        .since
        .map_or(PACE, |since| (now.0 - since).clamp(Timestamp::SECOND, PACE));
    let per_second = pace.n as f32 / (span as f32 / Timestamp::SECOND as f32);
    let queued: u32 = rows.values().map(|row| row.queued).sum();
    let seconds_left = (queued > 0 && per_second > 0.0).then(|| (queued as f32 / per_second).ceil() as u32);
    let recent = recent.iter().map(|event| happening(ctx, event)).collect();
    let questions = questions
        .iter()
        .filter_map(|question| rows.remove(&question.id))
        .collect();
    Ok(Progress {
        sequence,
        questions,
        per_second,
        seconds_left,
        recent,
    })
}

fn happening(ctx: &Ctx, event: &store::Recent) -> Happening {
    let detail: serde_json::Value = serde_json::from_str(&event.detail).unwrap_or_default();
    let points = detail["points"]
        .as_i64()
        .and_then(|points| i32::try_from(points).ok())
        .unwrap_or_default();
    Happening {
        sequence: event.id,
        grade: event.grade_id,
        position: event.position,
        by_human: matches!(event.kind.as_str(), "human" | "clear"),
        points: Points(points),
        of: event.points,
        confidence: detail["confidence"].as_f64().map(|confidence| confidence as f32),
        at: ctx.moment(event.at),
    }
}

/// The beginning of a prompt, without line breaks.
pub(crate) fn one_line(prompt: &str) -> String {
    let words = prompt.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(PROMPT) {
        Some((end, _)) => format!("{}…", words[..end].trim_end()),
        None => words,
    }
}

fn number(n: i64) -> u32 {
    u32::try_from(n).unwrap_or_default()
}
