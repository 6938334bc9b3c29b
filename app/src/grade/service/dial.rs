//! The risk dial: how much the machine may settle alone, and how that promise does.
//!
//! Setting it moves undecided answers between "accepted" and "waiting" in one transaction; grades do not change by it. Of what is accepted
//! a random sample (`sample`) goes to people, without the suggestion, and how often they gave the same points is shown with its uncertainty.

use super::sample::{Sample, draw, sample};
use crate::assignment::store::lock;
use crate::audit::store::{Act, record as audit};
use crate::course::policy::{self, Duty};
use crate::entity::{assignment, risk_dial};
use crate::error::{AppError, AppResult};
use crate::grade::model::{CurvePoint, Dial, DialChoice, DialPage, Place, ReviewState, TARGETS};
use crate::grade::store::{dial as store, grades};
use crate::ids::{AssignmentId, DialId};
use crate::platform::{Ctx, db::Tx};

/// Points of the curve.
const CURVE: usize = 40;

/// Where the dial stands, and what each setting would do now.
pub async fn dial(ctx: &Ctx, assignment: AssignmentId) -> AppResult<Dial> {
    let (row, _) = policy::assignment(ctx, assignment, Duty::Grade).await?;
    picture(ctx, &row).await
}

/// The dial with the way to it.
pub async fn dial_page(ctx: &Ctx, assignment: AssignmentId) -> AppResult<DialPage> {
    let (row, _) = policy::assignment(ctx, assignment, Duty::Grade).await?;
    Ok(DialPage {
        place: place(ctx, &row).await?,
        dial: picture(ctx, &row).await?,
    })
}

pub(super) async fn place(ctx: &Ctx, row: &assignment::Model) -> AppResult<Place> {
    let (course, _) = policy::course(ctx, row.course_id, Duty::See).await?;
    Ok(Place {
        assignment: row.id,
        title: row.title.clone(),
        course: course.id,
        course_title: course.title,
    })
}

async fn picture(ctx: &Ctx, row: &assignment::Model) -> AppResult<Dial> {
    let db = ctx.db();
    let newest = store::history(db, &[row.id]).await?.pop();
    let open = store::open(db, row.id, false).await?;
    let rules = store::rules_for(db, row.id, None).await?;
    let choices = TARGETS
        .iter()
        .map(|target| choice(row.id, *target, &rules, &open))
        .collect();
    let in_force = rules.aiming(row.id, newest.as_ref().map(|dial| dial.target));
    let Sample {
        agreement,
        open: unseen,
        ..
    } = sample(db, row.id, &in_force).await?;
    let set = match &newest {
        Some(dial) => {
            let names = grades::names(db, vec![dial.set_by]).await?;
            let by = names
                .get(&dial.set_by)
                .cloned()
                .unwrap_or_else(|| "somebody who has left".into());
            Some((by, ctx.moment(dial.set_at)))
        }
        None => None,
    };
    Ok(Dial {
        assignment: row.id,
        target: newest.map(|dial| dial.target),
        set,
        undecided: open.len() as u32,
        accepted: open.iter().filter(|each| each.is_accepted()).count() as u32,
        choices,
        curve: curve(&open),
        drawn: agreement.looked_at + unseen,
        audit: agreement,
        decided: store::decided(db, row.id).await?,
        published: row.grades_published_at.is_some(),
    })
}

fn choice(assignment: AssignmentId, target: i32, rules: &store::Rules, open: &[store::Suggested]) -> DialChoice {
    let rules = rules.aiming(assignment, Some(target));
    let (mut accepted, mut released, mut held, mut sure) = (0, 0, 0, 0.0);
    for each in open {
        let was = each.is_accepted();
        match (rules.of(assignment, each.case()), was) {
            (ReviewState::Accepted, was) => {
                accepted += 1;
                released += u32::from(!was);
                sure += each.machine_confidence.unwrap_or(1.0);
            }
            (_, true) => held += 1,
            _ => {}
        }
    }
    DialChoice {
        target,
        accepted,
        released,
        held,
        expected: (accepted > 0).then(|| sure / accepted as f32),
    }
}

/// What would be accepted from the surest answer on, and how well that is expected to agree. Answers with a warning sign are never accepted,
/// so the curve ends before them.
fn curve(open: &[store::Suggested]) -> Vec<CurvePoint> {
    let acceptable = |each: &&store::Suggested| matches!(each.machine_reason.as_deref(), None | Some("unsure"));
    let mut sure: Vec<f32> = open
        .iter()
        .filter(acceptable)
        .filter_map(|each| each.machine_confidence)
        .collect();
    sure.sort_by(|a, b| b.total_cmp(a));
    let (mut sum, mut points) = (0.0, Vec::new());
    let step = sure.len().div_ceil(CURVE).max(1);
    for (place, confidence) in sure.iter().enumerate() {
        sum += confidence;
        if (place + 1) % step == 0 || place + 1 == sure.len() {
            points.push(CurvePoint {
                coverage: (place + 1) as f32 / open.len() as f32,
                agreement: sum / (place + 1) as f32,
            });
        }
    }
    points
}

/// Sets the dial. `seen` is how many answers the one who sets it was told would be accepted; if that is no longer so, nothing is changed.
pub async fn set_dial(ctx: &Ctx, assignment: AssignmentId, target: i32, seen: Option<u32>) -> AppResult<Dial> {
    let row = may(ctx, assignment).await?;
    if !TARGETS.contains(&target) {
        return Err(AppError::field(
            "target",
            "Choose one of the agreements that are offered.",
        ));
    }
    let actor = ctx.actor()?.id;
    let tx = begin(ctx, assignment).await?;
    let open = locked(ctx, &tx, assignment).await?;
    let rules = store::rules_for(&*tx, assignment, Some(target)).await?;
    let would = choice(assignment, target, &rules, &open);
    if seen.is_some_and(|seen| seen != would.accepted) {
        tx.rollback().await?;
        return Err(AppError::conflict(format!(
            "Since you looked, the suggestions have changed: {} answers would now be accepted. Nothing was changed; look again and apply.",
            would.accepted
        )));
    }
    let (accepted, waiting) = apply(&tx, assignment, &rules, &open).await?;
    let dial = risk_dial::Model {
        id: DialId::new(),
        assignment_id: assignment,
        target,
        accepted: accepted as i32,
        waiting: waiting as i32,
        set_by: actor,
        set_at: ctx.now(),
        undone_at: None,
    };
    store::put(&*tx, dial).await?;
    draw(ctx, &tx, assignment).await?;
    let detail = serde_json::json!({ "target": target, "accepted": accepted, "waiting": waiting });
    note(ctx, &tx, "grading.dial", assignment, detail).await?;
    tx.commit().await?;
    super::work::hint(ctx, [assignment]);
    picture(ctx, &row).await
}

/// Takes the last setting back: the one before it holds again, or the model's own aim.
pub async fn undo_dial(ctx: &Ctx, assignment: AssignmentId) -> AppResult<Dial> {
    let row = may(ctx, assignment).await?;
    let tx = begin(ctx, assignment).await?;
    let mut history = store::history(&*tx, &[assignment]).await?;
    let Some(last) = history.pop() else {
        tx.rollback().await?;
        return Err(AppError::conflict(
            "Nobody has set this dial, so there is nothing to take back.",
        ));
    };
    if !store::undo(&*tx, last.id, ctx.now()).await? {
        tx.rollback().await?;
        return Err(AppError::conflict("Somebody else has just taken this setting back."));
    }
    let before = history.last().map(|dial| dial.target);
    let open = locked(ctx, &tx, assignment).await?;
    let rules = store::rules_for(&*tx, assignment, before).await?;
    let (accepted, waiting) = apply(&tx, assignment, &rules, &open).await?;
    draw(ctx, &tx, assignment).await?;
    let detail =
        serde_json::json!({ "undone": last.target, "target": before, "accepted": accepted, "waiting": waiting });
    note(ctx, &tx, "grading.dial_undo", assignment, detail).await?;
    tx.commit().await?;
    super::work::hint(ctx, [assignment]);
    picture(ctx, &row).await
}

async fn may(ctx: &Ctx, assignment: AssignmentId) -> AppResult<assignment::Model> {
    let (row, _) = policy::assignment(ctx, assignment, Duty::Grade).await?;
    turns(&row)?;
    Ok(row)
}

fn turns(row: &assignment::Model) -> AppResult<()> {
    if row.grades_published_at.is_some() {
        return Err(AppError::conflict(
            "The grades are published, so the dial rests. Hide the grades first if more answers should be looked at.",
        ));
    }
    Ok(())
}

/// Begins a turn of the dial: the assignment first, then its grades, as lessons do, so that one waits for the other.
async fn begin(ctx: &Ctx, assignment: AssignmentId) -> AppResult<Tx> {
    let tx = ctx.state.db.begin().await?;
    turns(&lock(ctx, &*tx, assignment).await?)?;
    Ok(tx)
}

async fn locked(ctx: &Ctx, tx: &Tx, assignment: AssignmentId) -> AppResult<Vec<store::Suggested>> {
    store::open(&**tx, assignment, ctx.state.db.has_row_locks()).await
}

/// Brings every undecided answer to where the rules put it; how many are accepted and how many wait then.
async fn apply(
    tx: &Tx,
    assignment: AssignmentId,
    rules: &store::Rules,
    open: &[store::Suggested],
) -> AppResult<(usize, usize)> {
    let (mut accept, mut wait, mut accepted) = (Vec::new(), Vec::new(), 0);
    for each in open {
        let state = rules.of(assignment, each.case());
        accepted += usize::from(state == ReviewState::Accepted);
        if state.name() == each.review_state {
            continue;
        }
        match state {
            ReviewState::Accepted => accept.push(each.id),
            _ => wait.push(each.id),
        }
    }
    store::shift(&**tx, &accept, ReviewState::Accepted).await?;
    store::shift(&**tx, &wait, ReviewState::Waiting).await?;
    Ok((accepted, open.len() - accepted))
}

async fn note(ctx: &Ctx, tx: &Tx, action: &str, assignment: AssignmentId, detail: serde_json::Value) -> AppResult<()> {
    let act = Act {
        action,
        target_kind: "assignment",
        target_id: assignment.to_string(),
        detail,
    };
    audit(ctx, &**tx, act).await
}
