//! What a teacher does to groups: grades one as a whole, takes answers out, puts one group into another, undoes any of it.

use super::{Deed, seen};
use crate::audit::store::{Act, record as audit};
use crate::course::policy::{self, Duty};
use crate::entity::{answer_group, grade_event, group_act, question};
use crate::error::{AppError, AppResult};
use crate::grade::model::{GroupDecided, ReviewState};
use crate::grade::store::{dial as dials, grades, groups as store};
use crate::ids::{AssignmentId, GradeId, GroupActId, QuestionId};
use crate::platform::hints::Hint;
use crate::platform::{Ctx, db::Tx};
use crate::points::Points;
use std::collections::{BTreeSet, HashMap};

/// What a person said about a group.
#[derive(Clone, Debug)]
pub struct GroupVerdict {
    pub points: Points,
    pub comment: String,
    /// From `Group::seen`: what was on the screen; none when the caller does not care.
    pub seen: Option<String>,
}

/// Gives every undecided answer of the group these points.
pub async fn decide_group(
    ctx: &Ctx,
    question: QuestionId,
    group: GradeId,
    verdict: GroupVerdict,
) -> AppResult<GroupDecided> {
    let (row, assignment, _) = policy::question(ctx, question, Duty::Grade).await?;
    let actor = ctx.actor()?.id;
    if verdict.points < Points::ZERO || verdict.points > row.points {
        return Err(AppError::field(
            "points",
            format!("Points must lie between 0 and {}.", row.points),
        ));
    }
    let comment = super::super::review::check_comment(verdict.comment)?;
    let now = ctx.now();
    let act = GroupActId::new();
    let tx = ctx.state.db.begin().await?;
    let members = store::members(&*tx, question, &[group], ctx.state.db.has_row_locks()).await?;
    if members.is_empty() {
        tx.rollback().await?;
        return Err(AppError::not_found("The group"));
    }
    let open: Vec<&store::Member> = members.iter().filter(|member| member.human_points.is_none()).collect();
    let changed = verdict.seen.as_ref().is_some_and(|told| *told != seen(&members));
    if open.is_empty() || changed {
        tx.rollback().await?;
        let words = if open.is_empty() {
            "Every answer of this group is decided already. Nothing was changed."
        } else {
            "This group has changed since you opened it. Nothing was changed; look at it again and decide."
        };
        return Err(AppError::conflict(words));
    }
    let ids: Vec<GradeId> = open.iter().map(|member| member.grade_id).collect();
    let settled = store::decide(&*tx, &ids, (verdict.points, comment.as_deref()), actor, now).await?;
    if settled != ids.len() as u64 {
        tx.rollback().await?;
        return Err(AppError::conflict(
            "Somebody decided about one of these answers at this moment. Nothing was changed; look at the group again.",
        ));
    }
    let detail = serde_json::json!({ "points": verdict.points, "comment": comment, "act": act, "group": group });
    let events = ids
        .iter()
        .map(|id| event(*id, &row, "human", actor, &detail, now))
        .collect();
    grades::append(&*tx, events).await?;
    let deed = Deed {
        settled: open
            .iter()
            .map(|member| (member.grade_id, member.version + 1))
            .collect(),
        moved: Vec::new(),
        to: Vec::new(),
        points: Some(verdict.points),
        out: 0,
        group,
    };
    keep(ctx, &tx, &row, act, "decide", &deed).await?;
    super::super::learning::note(&tx, question, &assignment).await?;
    tx.commit().await?;
    nudge(ctx, assignment.id);
    Ok(GroupDecided {
        act,
        answers: ids.len() as u32,
    })
}

fn event(
    grade: GradeId,
    question: &question::Model,
    kind: &str,
    actor: crate::ids::UserId,
    detail: &serde_json::Value,
    now: crate::time::Timestamp,
) -> grade_event::Model {
    grade_event::Model {
        id: 0,
        grade_id: grade,
        question_id: question.id,
        assignment_id: question.assignment_id,
        kind: kind.into(),
        actor_id: Some(actor),
        detail: detail.to_string(),
        at: now,
    }
}

/// Takes answers out of their groups: each stands alone from then on, whatever the machine thinks.
pub async fn split(ctx: &Ctx, question: QuestionId, out: Vec<GradeId>) -> AppResult<GroupDecided> {
    let (row, assignment, _) = policy::question(ctx, question, Duty::Grade).await?;
    let out = grades::distinct(out);
    let mut moved = Vec::new();
    let tx = ctx.state.db.begin().await?;
    let places = store::places(&*tx, &out).await?;
    for id in &out {
        let known = places.get(id).filter(|known| known.question_id == question);
        let Some(known) = known else {
            tx.rollback().await?;
            return Err(AppError::not_found("The answer"));
        };
        moved.push((*id, known.group_id, known.pinned));
    }
    let Some((_, group, _)) = moved.first().copied() else {
        tx.rollback().await?;
        return Err(AppError::field("grade", "Choose the answers to take out."));
    };
    // A group keeps the name of its first answer; if that one leaves, the others get the name of the next.
    let mut rows: Vec<answer_group::Model> = out.iter().map(|id| place(*id, *id, &row)).collect();
    let named: Vec<GradeId> = moved
        .iter()
        .filter(|(id, group, _)| id == group)
        .map(|(id, ..)| *id)
        .collect();
    for name in named {
        let rest: Vec<store::Member> = store::members(&*tx, question, &[name], false)
            .await?
            .into_iter()
            .filter(|member| !out.contains(&member.grade_id))
            .collect();
        if let Some(name) = rest.first().map(|member| member.grade_id) {
            moved.extend(
                rest.iter()
                    .map(|member| (member.grade_id, member.group_id, member.pinned)),
            );
            rows.extend(rest.iter().map(|member| answer_group::Model {
                pinned: true,
                ..place(member.grade_id, name, &row)
            }));
        }
    }
    let to = rows.iter().map(|row| row.group_id).collect();
    store::put(&*tx, rows).await?;
    let act = GroupActId::new();
    let deed = Deed {
        settled: Vec::new(),
        moved,
        to,
        points: None,
        out: out.len(),
        group,
    };
    keep(ctx, &tx, &row, act, "split", &deed).await?;
    tx.commit().await?;
    nudge(ctx, assignment.id);
    Ok(GroupDecided {
        act,
        answers: out.len() as u32,
    })
}

/// Puts all answers of one group into another.
pub async fn merge(ctx: &Ctx, question: QuestionId, from: GradeId, into: GradeId) -> AppResult<GroupDecided> {
    let (row, assignment, _) = policy::question(ctx, question, Duty::Grade).await?;
    if from == into {
        return Err(AppError::field("into", "Choose another group to merge with."));
    }
    let tx = ctx.state.db.begin().await?;
    let members = store::members(&*tx, question, &[from, into], false).await?;
    let groups: BTreeSet<GradeId> = members.iter().map(|member| member.group_id).collect();
    if groups.len() != 2 {
        tx.rollback().await?;
        return Err(AppError::not_found("The group"));
    }
    let moving: Vec<&store::Member> = members.iter().filter(|member| member.group_id == from).collect();
    let moved = moving
        .iter()
        .map(|member| (member.grade_id, from, member.pinned))
        .collect();
    let rows: Vec<_> = moving.iter().map(|member| place(member.grade_id, into, &row)).collect();
    let to = rows.iter().map(|row| row.group_id).collect();
    store::put(&*tx, rows).await?;
    let act = GroupActId::new();
    let deed = Deed {
        settled: Vec::new(),
        moved,
        to,
        points: None,
        out: 0,
        group: into,
    };
    let count = moving.len() as u32;
    keep(ctx, &tx, &row, act, "merge", &deed).await?;
    tx.commit().await?;
    nudge(ctx, assignment.id);
    Ok(GroupDecided { act, answers: count })
}

fn place(grade: GradeId, group: GradeId, question: &question::Model) -> answer_group::Model {
    answer_group::Model {
        grade_id: grade,
        question_id: question.id,
        assignment_id: question.assignment_id,
        group_id: group,
        pinned: true,
    }
}

/// Undoes an act on groups. Answers somebody has decided about anew since keep that decision, and those put elsewhere since stay there.
pub async fn undo_group_act(ctx: &Ctx, act: GroupActId) -> AppResult<GroupDecided> {
    ctx.actor()?;
    let missing = || AppError::not_found("What should be undone");
    let stored = store::act(ctx.db(), act).await?.ok_or_else(missing)?;
    let (row, assignment, _) = policy::question(ctx, stored.question_id, Duty::Grade).await?;
    let deed: Deed = serde_json::from_str(&stored.detail).map_err(AppError::internal)?;
    let (actor, now) = (ctx.actor()?.id, ctx.now());
    let tx = ctx.state.db.begin().await?;
    if !store::undo(&*tx, act, now).await? {
        tx.rollback().await?;
        return Err(AppError::conflict("This has been undone already."));
    }
    let versions: HashMap<GradeId, i32> = deed.settled.iter().copied().collect();
    let ids: Vec<GradeId> = versions.keys().copied().collect();
    let rules = dials::rules(&*tx, [row.assignment_id]).await?;
    let back: Vec<_> = store::rows(&*tx, &ids, ctx.state.db.has_row_locks())
        .await?
        .into_iter()
        .filter(|grade| versions.get(&grade.id) == Some(&grade.version))
        .map(|grade| {
            let state = super::super::review::undecided(&rules, &grade);
            (
                grade,
                if state == ReviewState::Accepted {
                    "accepted"
                } else {
                    "waiting"
                },
            )
        })
        .collect();
    store::take_back(&*tx, &back).await?;
    let events = back
        .iter()
        .map(|(grade, _)| {
            let detail = serde_json::json!({ "points": grade.machine_points, "was": grade.human_points, "act": act });
            event(grade.id, &row, "clear", actor, &detail, now)
        })
        .collect();
    grades::append(&*tx, events).await?;
    let cleared: Vec<GradeId> = back.iter().map(|(grade, _)| grade.id).collect();
    crate::grade::store::sample::take_back(&*tx, &cleared).await?;
    let moved: Vec<GradeId> = deed.moved.iter().map(|(grade, ..)| *grade).collect();
    let places = store::places(&*tx, &moved).await?;
    let still_there = |at: usize, grade: &GradeId| {
        let now = places.get(grade).map(|place| place.group_id);
        deed.to.get(at).is_none_or(|to| now == Some(*to))
    };
    let rows: Vec<_> = (deed.moved.iter().enumerate())
        .filter(|(at, (grade, ..))| still_there(*at, grade))
        .map(|(_, (grade, group, pinned))| answer_group::Model {
            pinned: *pinned,
            ..place(*grade, *group, &row)
        })
        .collect();
    let answers = cleared.len() + rows.len();
    store::put(&*tx, rows).await?;
    let detail = serde_json::json!({ "act": act, "kind": stored.kind, "answers": answers });
    note(ctx, &tx, "grading.group_undo", &row, detail).await?;
    if !cleared.is_empty() {
        super::super::learning::note(&tx, row.id, &assignment).await?;
    }
    tx.commit().await?;
    nudge(ctx, assignment.id);
    Ok(GroupDecided {
        act,
        answers: answers as u32,
    })
}

async fn keep(
    ctx: &Ctx,
    tx: &Tx,
    question: &question::Model,
    id: GroupActId,
    kind: &str,
    deed: &Deed,
) -> AppResult<()> {
    let row = group_act::Model {
        id,
        question_id: question.id,
        assignment_id: question.assignment_id,
        kind: kind.into(),
        actor_id: ctx.actor()?.id,
        detail: serde_json::to_string(deed).map_err(AppError::internal)?,
        at: ctx.now(),
        undone_at: None,
    };
    store::keep(&**tx, row).await?;
    let detail = serde_json::json!({
        "act": id, "group": deed.group, "points": deed.points, "answers": deed.settled.len() + deed.moved.len(),
    });
    note(ctx, tx, &format!("grading.group_{kind}"), question, detail).await
}

async fn note(
    ctx: &Ctx,
    tx: &Tx,
    action: &str,
    question: &question::Model,
    detail: serde_json::Value,
) -> AppResult<()> {
    let act = Act {
        action,
        target_kind: "question",
        target_id: question.id.to_string(),
        detail,
    };
    audit(ctx, &**tx, act).await
}

fn nudge(ctx: &Ctx, assignment: AssignmentId) {
    super::super::work::hint(ctx, [assignment]);
    ctx.state.hints.send(Hint::Work);
}
