//! `grading explain`: why an answer would get these points, in words and numbers.

use serde::Serialize;

use super::task::{self, check_agreement};
use crate::decide::Decider;
use crate::engine::EngineFactory;
use crate::features;
use crate::lesson::{self, Lesson};
use crate::{Grade, GraderConfig, GradingError};

/// Everything a suggestion rests on.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    pub id: serde_json::Value,
    pub answer: String,
    pub grade: Grade,
    /// The points suggested, as a share of all.
    pub points: f32,
    /// From which confidence on suggestions are accepted.
    pub threshold: f32,
    /// What is expected from references or rubric alone.
    pub prior: Option<f32>,
    /// The prior moved by what the graded answers have in common with this one.
    pub moved: Option<f32>,
    /// The comparison with the closest reference, by name.
    pub compared: Vec<(&'static str, f32)>,
    /// What the graded answers say, by name.
    pub learnt: Vec<(&'static str, f32)>,
    /// The words that carried it; graded answers most like it.
    pub words: Vec<String>,
    pub similar: Vec<String>,
    pub model: String,
}

/// Explains each answer of the first task of a file that `grading predict` would read.
pub fn explain(
    config: &GraderConfig,
    file: &[u8],
    target_agreement: f32,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Explanation>, GradingError> {
    check_agreement(target_agreement)?;
    let file = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
    let mut lines = (1..).zip(file.split(|byte| *byte == b'\n'));
    let (number, line) = lines
        .find(|(_, line)| !line.trim_ascii().is_empty())
        .ok_or_else(|| GradingError::Data("there is no task in the file".into()))?;
    let task = task::read(line, number, &mut serde_json::Value::Null, progress)?;
    let (mut request, answers) = task.request(target_agreement)?;
    request.answers = answers.texts;
    request.check(&config.limits)?;
    let unfounded = request.is_unfounded();
    let factory = EngineFactory::load(config)?;
    let mut engine = factory.build()?;
    let graded = request.graded.iter().map(|example| request.single(&example.answer));
    let asked = request.answers.iter().map(|text| request.single(text));
    let studies = engine.studies(&graded.chain(asked).collect::<Vec<_>>())?;
    let (graded, asked) = studies.split_at(request.graded.len());
    let scores = request.graded.iter().map(|example| example.score);
    let lesson = Lesson::fit(graded.iter().cloned().zip(scores).collect());
    let shared = factory.shared();
    let threshold = shared.head.threshold_after(target_agreement, graded.len());
    let decider = Decider {
        head: &shared.head,
        version: &shared.version,
        accept_from: threshold,
        lesson: &lesson,
        context: request.single("").context_hash(),
        max_points_hundredths: request.max_points_hundredths,
        step_hundredths: request.step_hundredths,
    };
    let step = request.single("").step_share();
    let explained = asked.iter().zip(answers.ids).map(|(study, id)| {
        let grade = decider.grade(study);
        let grade = if unfounded { task::unfounded(grade) } else { grade };
        let facts = lesson.facts(study, step);
        let values = study.prior.as_ref().and_then(|prior| prior.values.as_ref());
        let text = &study.prepared.text;
        let similar = grade.evidence.similar.iter().map(|found| {
            let answer = &request.graded[found.index].answer;
            format!(
                "{:.2} alike, {:.2} of the points: {answer}",
                found.similarity, found.score
            )
        });
        Explanation {
            id,
            threshold,
            prior: study.prior.as_ref().map(|prior| prior.expected),
            moved: facts.as_ref().map(|facts| facts.moved.0),
            compared: values.map_or_else(Vec::new, |values| named(&features::NAMES, values)),
            learnt: facts.map_or_else(Vec::new, |facts| named(&lesson::NAMES, &facts.values)),
            words: grade
                .evidence
                .spans
                .iter()
                .filter_map(|span| text.get(span.start..span.end).map(str::to_owned))
                .collect(),
            similar: similar.collect(),
            model: shared.version.clone(),
            answer: text.clone(),
            points: grade.score_hundredths as f32 / request.max_points_hundredths.max(1) as f32,
            grade,
        }
    });
    Ok(explained.collect())
}

fn named(names: &[&'static str], values: &[f32]) -> Vec<(&'static str, f32)> {
    names.iter().copied().zip(values.iter().copied()).collect()
}

impl Explanation {
    /// As plain text.
    pub fn render(&self) -> String {
        let share = |value: f32| format!("{:.0} %", 100.0 * value);
        let mut out = format!("answer {}: {}\n", self.id, self.answer);
        let mut line = |name: &str, text: String| out += &format!("  {name:<22}{text}\n");
        let grade = &self.grade;
        line(
            "suggestion",
            format!("{} of the points (expected {})", share(self.points), share(grade.score)),
        );
        let verdict = match grade.reason {
            None => "accepted".to_owned(),
            Some(reason) => format!("a person decides: {}", reason.words()),
        };
        line(
            "confidence",
            format!(
                "{:.3}, accepted from {:.3}: {verdict}",
                grade.confidence, self.threshold
            ),
        );
        match self.prior {
            Some(prior) if self.compared.is_empty() => line("from the rubric", share(prior)),
            Some(prior) => line("from the references", share(prior)),
            None => line("from the references", "there are none".into()),
        }
        if let Some(moved) = self.moved {
            line("with graded answers", share(moved));
        }
        if let Some(reference) = grade.evidence.matched_reference {
            line("closest reference", format!("number {}", reference + 1));
        }
        if !self.words.is_empty() {
            line("carrying words", self.words.join(" · "));
        }
        if !grade.evidence.missing.is_empty() {
            line("not found", grade.evidence.missing.join(" · "));
        }
        for part in &grade.evidence.rubric {
            line("rubric part", format!("{}: {}", part.id, share(part.strength)));
        }
        for similar in &self.similar {
            line("graded answer", similar.clone());
        }
        for (title, values) in [("compared", &self.compared), ("learnt", &self.learnt)] {
            for chunk in values.chunks(4) {
                let cells: Vec<String> = chunk.iter().map(|(name, value)| format!("{name} {value:.3}")).collect();
                line(title, cells.join(", "));
            }
        }
        line("model", self.model.clone());
        out
    }
}
