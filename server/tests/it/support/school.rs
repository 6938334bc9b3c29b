//! A small school: two courses, everyone who may turn up, and an assignment somebody has submitted.

use super::app::{TestApp, email};
use super::client::Client;
use app::ids::UserId;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The people by what they are, signed in, and the ids of what there is, by name.
pub struct School {
    pub anonymous: Client,
    pub student: Client,
    pub other_student: Client,
    pub other_teacher: Client,
    pub teacher: Client,
    pub assistant: Client,
    pub admin: Client,
    pub ids: BTreeMap<&'static str, String>,
}

/// A short answer worth two points.
pub fn short_answer() -> Value {
    json!({
        "prompt": "What is photosynthesis?",
        "points": 200,
        "key": { "kind": "short_answer", "allow_file": true },
        "references": ["Plants turn carbon dioxide and water into sugar and oxygen, using light."],
    })
}

impl School {
    pub async fn open(app: &TestApp) -> School {
        let (_, admin) = app.person("Root", true).await;
        let (_, teacher) = app.person("Tess Teacher", false).await;
        let (_, other_teacher) = app.person("Otto Other", false).await;
        let (_, assistant) = app.person("Asa Assistant", false).await;
        let (student_id, student) = app.person("Sam Student", false).await;
        let (_, other_student) = app.person("Nia Neighbour", false).await;
        let spare = app.user("Spare Account", false).await;

        let course = new_course(&admin, "BIO101", "Tess Teacher").await;
        let foreign = new_course(&admin, "ART101", "Otto Other").await;
        for (name, role) in [
            ("Asa Assistant", "assistant"),
            ("Sam Student", "student"),
            ("Nia Neighbour", "student"),
            ("Spare Account", "student"),
        ] {
            let body = json!({ "email": email(name), "role": role });
            teacher
                .ok(Method::POST, &format!("/courses/{course}/people"), Some(body))
                .await;
        }
        let assignment = teacher
            .make(
                &format!("/courses/{course}/assignments"),
                json!({ "title": "Light", "due_at": null, "closes_at": null }),
            )
            .await;
        let question = teacher
            .make(&format!("/assignments/{assignment}/questions"), short_answer())
            .await;
        teacher
            .ok(Method::POST, &format!("/assignments/{assignment}/publish"), None)
            .await;
        let ids = [
            ("course", course),
            ("foreign", foreign),
            ("assignment", assignment),
            ("question", question),
            ("user", spare.id.to_string()),
            ("student", UserId::to_string(&student_id)),
        ];
        let anonymous = app.stranger();
        School {
            anonymous,
            student,
            other_student,
            other_teacher,
            teacher,
            assistant,
            admin,
            ids: ids.into(),
        }
    }

    pub fn id(&self, name: &str) -> &str {
        self.ids.get(name).unwrap_or_else(|| panic!("there is no {name}"))
    }

    /// Everyone, in the order of the columns of the authorisation table.
    pub fn everyone(&self) -> [(&'static str, &Client); 7] {
        [
            ("anonymous", &self.anonymous),
            ("student", &self.student),
            ("other student", &self.other_student),
            ("teacher of another course", &self.other_teacher),
            ("teacher", &self.teacher),
            ("assistant", &self.assistant),
            ("administrator", &self.admin),
        ]
    }

    /// The student starts, writes `words` and submits.
    pub async fn hand_in(&mut self, words: &str) {
        let submission = self
            .student
            .make(
                &format!("/assignments/{}/submission", self.id("assignment")),
                json!(null),
            )
            .await;
        self.ids.insert("submission", submission.clone());
        save(&self.student, &submission, self.id("question"), words).await;
        self.student
            .ok(Method::POST, &format!("/submissions/{submission}/submit"), None)
            .await;
    }
}

/// Saves one answer.
pub async fn save(client: &Client, submission: &str, question: &str, words: &str) -> Value {
    let change = json!({ "changes": [{
        "id": uuid::Uuid::now_v7(), "question": question, "typed_at": 0, "value": { "is": "text", "value": words },
    }], "sent_at": 0 });
    client
        .ok(
            Method::POST,
            &format!("/submissions/{submission}/changes"),
            Some(change),
        )
        .await
}

async fn new_course(admin: &Client, code: &str, teacher: &str) -> String {
    let body = json!({ "code": code, "title": format!("Course {code}"), "teacher": { "email": email(teacher) } });
    admin.make("/courses", body).await
}
