//! The consistency radar: what to look at again. It shows where scores differ and never says who is right.

use super::texts;
use crate::course::policy::{self, Duty};
use crate::error::AppResult;
use crate::grade::model::{GraderTrend, Member, Radar, RadarPageData, Uneven, label};
use crate::grade::store::{grades, groups, radar as store};
use crate::ids::{AnswerId, AssignmentId, GradeId, UserId};
use crate::platform::Ctx;
use std::collections::{BTreeMap, HashMap};

/// Differences shown at once; the widest.
const MOST: usize = 50;
/// Decisions looked at for severity; the newest.
const DECISIONS: u64 = 20_000;
/// Pieces of a grader's course.
const PIECES: usize = 10;
/// With fewer decisions than this a mean says nothing.
const ENOUGH: usize = 5;

pub async fn radar(ctx: &Ctx, assignment: AssignmentId) -> AppResult<Radar> {
    policy::assignment(ctx, assignment, Duty::Grade).await?;
    look(ctx, assignment).await
}

pub async fn radar_page(ctx: &Ctx, assignment: AssignmentId) -> AppResult<RadarPageData> {
    let (row, _) = policy::assignment(ctx, assignment, Duty::Grade).await?;
    Ok(RadarPageData {
        place: super::dial::place(ctx, &row).await?,
        radar: look(ctx, assignment).await?,
    })
}

async fn look(ctx: &Ctx, assignment: AssignmentId) -> AppResult<Radar> {
    let (uneven, more) = uneven(ctx, assignment).await?;
    Ok(Radar {
        uneven,
        more,
        graders: graders(ctx, assignment).await?,
    })
}

async fn uneven(ctx: &Ctx, assignment: AssignmentId) -> AppResult<(Vec<Uneven>, bool)> {
    let mut found = store::uneven(ctx.db(), assignment, MOST as u64 + 1).await?;
    let more = found.len() > MOST;
    found.truncate(MOST);
    // The groups of each question in one query.
    let mut by_question: BTreeMap<_, Vec<GradeId>> = BTreeMap::new();
    for row in &found {
        by_question.entry(row.question_id).or_default().push(row.group_id);
    }
    let mut ends: HashMap<GradeId, (groups::Member, groups::Member)> = HashMap::new();
    for (question, names) in by_question {
        for member in groups::members(ctx.db(), question, &names, false).await? {
            let counts = |member: &groups::Member| member.human_points.unwrap_or(member.machine_points);
            ends.entry(member.group_id)
                .and_modify(|(low, high)| {
                    if counts(&member) < counts(low) {
                        *low = member.clone();
                    }
                    if counts(&member) > counts(high) {
                        *high = member.clone();
                    }
                })
                .or_insert_with(|| (member.clone(), member.clone()));
        }
    }
    let ids: Vec<AnswerId> = ends
        .values()
        .flat_map(|(low, high)| [low.answer_id, high.answer_id])
        .collect();
    let texts = texts::of(ctx, &ids).await?;
    let shown = |member: &groups::Member| Member {
        grade: member.grade_id,
        label: label(member.grade_id),
        text: texts
            .get(&member.answer_id)
            .map(|text| text.text.clone())
            .unwrap_or_default(),
        points: member.human_points.unwrap_or(member.machine_points),
        decided: member.human_points.is_some(),
    };
    let row = |row: store::Uneven| {
        let (low, high) = ends.get(&row.group_id)?;
        Some(Uneven {
            question: row.question_id,
            position: row.position,
            of: row.of,
            answers: u32::try_from(row.n).unwrap_or_default(),
            lowest: shown(low),
            highest: shown(high),
        })
    };
    Ok((found.into_iter().filter_map(row).collect(), more))
}

async fn graders(ctx: &Ctx, assignment: AssignmentId) -> AppResult<Vec<GraderTrend>> {
    let mut by: BTreeMap<UserId, Vec<f64>> = BTreeMap::new();
    for row in store::residuals(ctx.db(), assignment, DECISIONS).await? {
        let less = row.human_points.part_of(row.of) - row.machine_points.part_of(row.of);
        by.entry(row.human_by).or_default().push(less);
    }
    let names = grades::names(ctx.db(), by.keys().copied().collect()).await?;
    let mut trends: Vec<GraderTrend> = by
        .into_iter()
        .map(|(id, less)| GraderTrend {
            name: names
                .get(&id)
                .cloned()
                .unwrap_or_else(|| "somebody who has left".into()),
            decisions: less.len() as u32,
            mean: mean(&less),
            margin: margin(&less),
            course: less.chunks(less.len().div_ceil(PIECES).max(1)).map(mean).collect(),
        })
        .collect();
    trends.sort_by(|a, b| b.decisions.cmp(&a.decisions).then_with(|| a.name.cmp(&b.name)));
    Ok(trends)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Half the 95 % interval of the mean, once there are enough values to say.
fn margin(values: &[f64]) -> Option<f64> {
    let (n, middle) = (values.len(), mean(values));
    let squares: f64 = values.iter().map(|value| (value - middle).powi(2)).sum();
    (n >= ENOUGH).then(|| 1.96 * (squares / (n - 1) as f64 / n as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::{margin, mean};

    #[test]
    fn a_mean_says_how_unsure_it_is() {
        let values = [0.25, -0.25, 0.25, -0.25, 0.0, 0.0];
        assert_eq!(mean(&values), 0.0);
        // Standard deviation √0.05, six values: 1.96 · √(0.05 / 6).
        assert!((margin(&values).expect("enough") - 1.96 * (0.05f64 / 6.0).sqrt()).abs() < 1e-12);
        assert_eq!(margin(&values[..4]), None);
    }
}
