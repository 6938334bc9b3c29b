//! Answer groups: answers that say the same, graded once. Each answer still gets a decision of its own, with its own place in the history
//! and a pointer to the act, so that one can be changed and the whole act can be undone.
//!
//! Here is what a teacher sees of them; `acts` is what a teacher does to them.

mod acts;

pub use self::acts::{GroupVerdict, decide_group, merge, split, undo_group_act};
use super::texts;
use crate::course::policy::{self, Duty};
use crate::entity::{assignment, question};
use crate::error::{AppError, AppResult};
use crate::grade::model::{Group, GroupAct, GroupCursor, GroupedQuestion, Groups, GroupsPage, Member, NO_MODEL, label};
use crate::grade::store::{grades, groups as store, progress};
use crate::ids::{AnswerId, AssignmentId, GradeId, QuestionId};
use crate::platform::Ctx;
use crate::points::Points;
use crate::question::model::QuestionKind;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Groups shown at once.
const PIECE: usize = 20;
/// Answers of one group shown at once.
const MEMBERS: usize = 200;

/// What an act did, so that it can be undone. Stored as JSON in `group_acts.detail`.
#[derive(Debug, Serialize, Deserialize)]
struct Deed {
    /// Answers and the versions in which the act left them, or the groups they came from.
    #[serde(default)]
    settled: Vec<(GradeId, i32)>,
    #[serde(default)]
    moved: Vec<(GradeId, GradeId, bool)>,
    /// The groups into which the act put each of `moved`.
    #[serde(default)]
    to: Vec<GradeId>,
    #[serde(default)]
    points: Option<Points>,
    /// Answers taken out; the others that moved only got another name for their group.
    #[serde(default)]
    out: usize,
    group: GradeId,
}

/// The groups of one question of the assignment (of the first that has any, when none is named), and the answers of `open`.
pub async fn groups(
    ctx: &Ctx,
    assignment: AssignmentId,
    question: Option<QuestionId>,
    open: Option<GradeId>,
    after: Option<GroupCursor>,
) -> AppResult<Groups> {
    policy::assignment(ctx, assignment, Duty::Grade).await?;
    look(ctx, assignment, question, open, after).await
}

pub async fn groups_page(
    ctx: &Ctx,
    assignment: AssignmentId,
    question: Option<QuestionId>,
    open: Option<GradeId>,
    after: Option<GroupCursor>,
) -> AppResult<GroupsPage> {
    let (row, _) = policy::assignment(ctx, assignment, Duty::Grade).await?;
    Ok(GroupsPage {
        place: super::dial::place(ctx, &row).await?,
        groups: look(ctx, assignment, question, open, after).await?,
    })
}

async fn look(
    ctx: &Ctx,
    assignment: AssignmentId,
    question: Option<QuestionId>,
    open: Option<GradeId>,
    after: Option<GroupCursor>,
) -> AppResult<Groups> {
    let db = ctx.db();
    let all = progress::questions(db, assignment).await?;
    let free = |row: &&question::Model| row.kind.parse::<QuestionKind>().is_ok_and(QuestionKind::is_free_text);
    let questions: Vec<GroupedQuestion> = all
        .iter()
        .filter(free)
        .map(|row| GroupedQuestion {
            question: row.id,
            position: row.position,
            prompt: super::live::one_line(&row.prompt),
            points: row.points,
        })
        .collect();
    let question = match question {
        Some(id) if questions.iter().any(|each| each.question == id) => Some(id),
        Some(_) => return Err(AppError::not_found("The question")),
        None => questions.first().map(|each| each.question),
    };
    let Some(id) = question else {
        return Ok(Groups {
            questions,
            question: None,
            groups: Vec::new(),
            next: None,
            last: None,
            members: Vec::new(),
        });
    };
    let mut rows = store::page(db, id, after, PIECE as u64 + 1).await?;
    let more = rows.len() > PIECE;
    rows.truncate(PIECE);
    let next = rows.last().filter(|_| more).map(|row| GroupCursor {
        answers: row.n,
        group: row.group_id,
    });
    let names: Vec<GradeId> = rows.iter().map(|row| row.group_id).collect();
    let members = store::members(db, id, &names, false).await?;
    let mut by_group: HashMap<GradeId, Vec<store::Member>> = HashMap::new();
    for member in members {
        by_group.entry(member.group_id).or_default().push(member);
    }
    // One text for each group, and those of the group that is open.
    let shown = |row: &store::Counted| {
        by_group
            .get(&row.group_id)
            .and_then(|members| members.iter().find(|member| member.grade_id == row.first))
    };
    let opened: Vec<&store::Member> = open
        .and_then(|group| by_group.get(&group))
        .map(|members| members.iter().take(MEMBERS).collect())
        .unwrap_or_default();
    let wanted: Vec<AnswerId> = rows
        .iter()
        .filter_map(shown)
        .chain(opened.iter().copied())
        .map(|member| member.answer_id)
        .collect();
    let texts = texts::of(ctx, &wanted).await?;
    let text = |member: &store::Member| {
        texts
            .get(&member.answer_id)
            .map(|text| text.text.clone())
            .unwrap_or_default()
    };
    let group = |row: &store::Counted| {
        let first = shown(row)?;
        let members = by_group.get(&row.group_id)?;
        Some(Group {
            group: row.group_id,
            text: text(first),
            answers: u32::try_from(row.n).unwrap_or_default(),
            open: u32::try_from(row.open).unwrap_or_default(),
            suggestion: (first.model != NO_MODEL).then_some(first.machine_points),
            lowest: row.lowest,
            highest: row.highest,
            seen: seen(members),
        })
    };
    let listed = rows.iter().filter_map(group).collect();
    let members = opened
        .iter()
        .map(|member| Member {
            grade: member.grade_id,
            label: label(member.grade_id),
            text: text(member),
            points: member.human_points.unwrap_or(member.machine_points),
            decided: member.human_points.is_some(),
        })
        .collect();
    Ok(Groups {
        question,
        groups: listed,
        next,
        last: last(ctx, id).await?,
        members,
        questions,
    })
}

/// Stands for exactly these undecided answers.
fn seen(members: &[store::Member]) -> String {
    let mut digest = Sha256::new();
    for member in members.iter().filter(|member| member.human_points.is_none()) {
        digest.update(member.grade_id.0.as_bytes());
    }
    hex::encode(&digest.finalize()[..8])
}

async fn last(ctx: &Ctx, question: QuestionId) -> AppResult<Option<GroupAct>> {
    let Some(row) = store::last_act(ctx.db(), question).await? else {
        return Ok(None);
    };
    let deed: Deed = serde_json::from_str(&row.detail).map_err(AppError::internal)?;
    let names = grades::names(ctx.db(), vec![row.actor_id]).await?;
    let words = match (row.kind.as_str(), deed.points) {
        ("decide", Some(points)) => format!("{} given {points} points", answers(deed.settled.len())),
        ("split", _) => format!("{} taken out of a group", answers(deed.out.max(1))),
        _ => format!("{} put into another group", answers(deed.moved.len())),
    };
    Ok(Some(GroupAct {
        act: row.id,
        words,
        by: names
            .get(&row.actor_id)
            .cloned()
            .unwrap_or_else(|| "somebody who has left".into()),
        at: ctx.moment(row.at),
    }))
}

fn answers(n: usize) -> String {
    if n == 1 {
        "1 answer".into()
    } else {
        format!("{n} answers")
    }
}

/// The assignment a question belongs to, for the way back to its groups.
pub async fn assignment_of(ctx: &Ctx, question: QuestionId) -> AppResult<AssignmentId> {
    let (_, assignment, _): (_, assignment::Model, _) = policy::question(ctx, question, Duty::Grade).await?;
    Ok(assignment.id)
}
