//! Decisions that did not get through: none is forgotten, and all of them can be sent again.

use super::desk::Desk;
use crate::error::{AppError, ErrorKind};
use crate::ids::GradeId;
use crate::points::Points;
use crate::shell::sign_in_address;
use crate::ui::{Button, Glyph, Notice, Size, Tone, Variant, toast};
use leptos::ev;
use leptos::prelude::*;

/// What was sent for an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Sent {
    Decision { points: Points, comment: String },
    TakenBack,
}

/// Something sent that did not get through.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    pub grade: GradeId,
    pub label: String,
    pub sent: Sent,
    pub error: AppError,
}

impl Trouble {
    /// Whether the same may pass at another time.
    fn may_pass(&self) -> bool {
        match self.error.kind {
            ErrorKind::SignIn | ErrorKind::TooMany | ErrorKind::Unavailable | ErrorKind::Internal => true,
            // An answer that came from something in between and not from us names no field.
            ErrorKind::Invalid => self.error.fields.is_empty(),
            ErrorKind::Forbidden
            | ErrorKind::Withheld
            | ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::TooLarge => false,
        }
    }

    /// `Answer 4817: 2.5 points, with a comment`
    fn words(&self) -> String {
        let worth = |points: &Points| match points {
            Points(100) => "1 point".to_owned(),
            points => format!("{points} points"),
        };
        let what = match &self.sent {
            Sent::TakenBack => "its decision taken back".to_owned(),
            Sent::Decision { points, comment } if comment.is_empty() => worth(points),
            Sent::Decision { points, .. } => format!("{}, with a comment", worth(points)),
        };
        format!("{}: {what}", self.label)
    }
}

impl Desk {
    /// Keeps what did not get through, instead of what was known about this answer before.
    pub(super) fn report(self, trouble: Trouble) {
        let words = format!(
            "{} was not saved; what you gave is kept on the review desk",
            trouble.label
        );
        let shown = self.troubles.try_update(|all| {
            all.retain(|other| other.grade != trouble.grade);
            all.push(trouble);
        });
        if shown.is_none() {
            // The reader has gone to another page meanwhile.
            toast(Tone::Late, words);
        }
    }

    /// Nothing is wrong with this answer any more.
    pub(super) fn settled(self, grade: GradeId) {
        if self
            .troubles
            .try_with_untracked(|all| all.iter().any(|trouble| trouble.grade == grade))
            == Some(true)
        {
            self.troubles.update(|all| all.retain(|trouble| trouble.grade != grade));
        }
    }

    /// Sends again what may get through now.
    fn send_again(self, which: impl Fn(&Trouble) -> bool) {
        let again: Vec<Trouble> = self
            .troubles
            .with_untracked(|all| all.iter().filter(|trouble| which(trouble)).cloned().collect());
        for Trouble { grade, sent, .. } in again {
            if let Some(item) = self.item(grade)
                && self.begin(grade)
            {
                self.send(item, sent);
            }
        }
    }

    /// Sends by itself when the connection is back, and holds a reader back who would lose something by leaving.
    pub fn guard(self) {
        Effect::new(move |_| {
            let online = window_event_listener(ev::online, move |_| {
                self.send_again(|trouble| trouble.error.kind == ErrorKind::Unavailable);
            });
            let leaving = window_event_listener(ev::beforeunload, move |event| {
                if self.would_lose() {
                    event.prevent_default();
                }
            });
            on_cleanup(move || {
                online.remove();
                leaving.remove();
            });
        });
    }
}

/// What was not saved, why, and what can be done.
#[component]
pub fn Troubles(desk: Desk) -> impl IntoView {
    let address = sign_in_address();
    move || {
        let all = desk.troubles.get();
        let title = match all.as_slice() {
            [] => return None,
            [one] if one.sent == Sent::TakenBack => format!("{} was not taken back", one.label),
            [one] => format!("{} was not saved", one.label),
            many => format!("{} decisions were not saved", many.len()),
        };
        let mut reasons: Vec<String> = Vec::new();
        for trouble in &all {
            if !reasons.contains(&trouble.error.message) {
                reasons.push(trouble.error.message.clone());
            }
        }
        let again = all.iter().filter(|trouble| trouble.may_pass()).count();
        let signed_out = all.iter().any(|trouble| trouble.error.kind == ErrorKind::SignIn);
        let address = address.clone();
        let rows = all
            .into_iter()
            .map(|trouble| {
                let (grade, label) = (trouble.grade, format!("Look at {} again", trouble.label));
                let final_word = !trouble.may_pass();
                let look = move |_| {
                    if final_word {
                        desk.settled(grade);
                    }
                    desk.show(grade);
                };
                view! {
                    <li class="row">
                        <span>{trouble.words()}</span>
                        <Button variant=Variant::Quiet size=Size::Small label on_click=look>"Look at it again"</Button>
                    </li>
                }
            })
            .collect_view();
        Some(view! {
            <Notice tone=Tone::Late urgent=true icon=Glyph::Warning title>
                {reasons.into_iter().map(|reason| view! { <p>{reason}</p> }).collect_view()}
                <ul class="unsaved">{rows}</ul>
                <div class="row">
                    {(again > 0)
                        .then(|| view! { <Button on_click=move |_| desk.send_again(Trouble::may_pass)>"Send again"</Button> })}
                    // In another tab: what is not saved stays on this one.
                    {signed_out
                        .then(|| view! { <a href=address rel="external" target="_blank">"Sign in in another tab, then send again"</a> })}
                    <Button variant=Variant::Quiet on_click=move |_| desk.troubles.set(Vec::new())>"Dismiss"</Button>
                </div>
            </Notice>
        })
    }
}
