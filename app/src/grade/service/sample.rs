//! The random sample by which the dial's promise is audited.
//!
//! Each answer has a lot, fixed and as good as random. The sample is always those with the lowest lots among the answers that the rules in
//! force settle without a person; what people said about an answer without seeing the suggestion leaves it there. When other answers are
//! accepted, other answers are in the sample: who joins is drawn, who leaves and was not looked at is put back, and what was said about
//! those that left is kept without being counted. So the numbers shown are about what is accepted now, whatever was accepted before, and
//! since the sample is read by lot, they are so at every moment of reading.

use crate::entity::agreement_audit;
use crate::error::AppResult;
use crate::grade::model::{Agreement, ReviewState};
use crate::grade::store::{dial as dials, sample as store};
use crate::ids::{AssignmentId, GradeId};
use crate::platform::{Ctx, db::Tx};
use sea_orm::ConnectionTrait;
use std::collections::HashSet;

/// The sample: this share of what is accepted, and at least so many.
const SHARE: f64 = 0.05;
const LEAST: usize = 20;

/// The sample as it should be, beside what was drawn.
pub(super) struct Sample {
    /// How those looked at agreed.
    pub agreement: Agreement,
    /// Drawn, and not looked at.
    pub open: u32,
    joining: Vec<store::Settled>,
    leaving: Vec<GradeId>,
}

/// Who belongs to the sample of an assignment now.
pub(super) async fn sample(
    db: &impl ConnectionTrait,
    assignment: AssignmentId,
    rules: &dials::Rules,
) -> AppResult<Sample> {
    let settled = store::settled(db, assignment).await?;
    let alone = |each: &&store::Settled| match each.said {
        Some(_) => rules.of(assignment, each.suggested.case()) == ReviewState::Accepted,
        None => each.suggested.is_accepted(),
    };
    let mut lots: Vec<(i32, GradeId)> = settled
        .iter()
        .filter(alone)
        .map(|each| (store::lot(assignment, each.suggested.id), each.suggested.id))
        .collect();
    lots.sort_unstable();
    lots.truncate(((lots.len() as f64 * SHARE).ceil() as usize).max(LEAST));
    let members: HashSet<GradeId> = lots.into_iter().map(|(_, id)| id).collect();

    let mut sample = Sample {
        agreement: Agreement::default(),
        open: 0,
        joining: Vec::new(),
        leaving: Vec::new(),
    };
    for each in settled {
        let member = members.contains(&each.suggested.id);
        if let Some(said) = each.said {
            sample.agreement.looked_at += u32::from(member);
            sample.agreement.agreed += u32::from(member && each.beside == Some(said));
            continue;
        }
        sample.open += u32::from(each.is_drawn() && each.suggested.is_accepted());
        match (member, each.is_drawn()) {
            (true, false) => sample.joining.push(each),
            (false, true) => sample.leaving.push(each.suggested.id),
            _ => {}
        }
    }
    Ok(sample)
}

/// Brings what is drawn to what the sample should be, once somebody has set a dial.
pub(super) async fn draw(ctx: &Ctx, tx: &Tx, assignment: AssignmentId) -> AppResult<()> {
    let rules = dials::rules(&**tx, [assignment]).await?;
    if !rules.has_dial(assignment) {
        return Ok(());
    }
    let Sample { joining, leaving, .. } = sample(&**tx, assignment, &rules).await?;
    store::put_back(&**tx, &leaving).await?;
    let rows = joining
        .into_iter()
        .map(|each| agreement_audit::Model {
            grade_id: each.suggested.id,
            assignment_id: assignment,
            question_id: each.question_id,
            machine_points: each.machine_points,
            model: each.suggested.model,
            drawn_at: ctx.now(),
            human_points: None,
            decided_at: None,
        })
        .collect();
    store::draw(&**tx, rows).await
}
