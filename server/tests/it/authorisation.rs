//! Every door of the server × everyone who may stand before it. A door that is not in the table fails the test.
//!
//! The columns: anonymous, student, another student of the course, teacher of another course, teacher, assistant, administrator.
//! `u` please sign in (401), `f` not allowed (403), `n` not found (404), `a` allowed: the request got as far as the rules of the thing itself
//! (success, or 409, 413, 422). Rows stand in an order in which none takes away what a later one needs; most changes are ones the rules
//! refuse, so that everyone meets the same state.

use super::support::{Client, School, TestApp};
use grading::Grader;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// Method, path, body, and what each may expect. In paths `{course}`, in bodies `<course>` is replaced by an id.
type Row = (&'static str, &'static str, &'static str, &'static str);

const FORM: &str = "form:";
const ZERO: &str = "00000000-0000-0000-0000-000000000000";

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // The own account.
    ("POST", "/rpc/account/sign_in", "form:email=nobody@test.example&password=wrong", "aaaaaaa"),
    ("POST", "/rpc/account/register", "form:email=&name=&password=", "aaaaaaa"),
    ("POST", "/rpc/account/profile", FORM, "uaaaaaa"),
    ("POST", "/rpc/account/rename", "form:name=", "uaaaaaa"),
    ("POST", "/rpc/account/change_password", "form:current=wrong&new=another good sentence", "uaaaaaa"),
    ("POST", "/rpc/account/revoke_session", "form:handle=none", "unnnnnn"),
    ("POST", "/rpc/account/create_token", "form:name=&days=1", "uaaaaaa"),
    ("POST", "/rpc/account/revoke_token", "form:id=<zero>", "unnnnnn"),
    ("POST", "/rpc/account/forgot_password", "form:email=nobody@test.example", "aaaaaaa"),
    ("POST", "/rpc/account/reset_password", "form:token=none&password=another good sentence", "aaaaaaa"),
    ("POST", "/rpc/account/verify_email", "form:token=none", "aaaaaaa"),
    ("POST", "/rpc/account/resend_verification", "form:email=nobody@test.example", "aaaaaaa"),
    // What one is told.
    ("POST", "/rpc/mail/notes", FORM, "uaaaaaa"),
    ("POST", "/rpc/mail/mark_read", "form:note=<zero>", "uaaaaaa"),
    ("POST", "/rpc/mail/preferences", FORM, "uaaaaaa"),
    ("POST", "/rpc/mail/save_preferences", "form:quiet_from=never&quiet_until=&time_zone=", "uaaaaaa"),
    ("POST", "/unsubscribe?user=<zero>", "", "aaaaaaa"),
    ("GET", "/api/v1/me", "", "uaaaaaa"),
    ("GET", "/api/v1/me/assignments", "", "uaaaaaa"),
    ("POST", "/rpc/dashboard/home", FORM, "uaaaaaa"),
    ("POST", "/rpc/tour/mine", FORM, "uaaaaaa"),
    ("POST", "/rpc/help/contents", FORM, "aaaaaaa"),
    ("POST", "/rpc/help/topic", "form:name=student", "aaaaaaa"),
    // Courses.
    ("POST", "/rpc/course/mine", "form:archived=false", "uaaaaaa"),
    ("POST", "/rpc/course/create", "form:code=&title=&term=&description=", "uffaafa"),
    ("POST", "/rpc/course/overview", "form:course=<course>", "uaafaaa"),
    ("POST", "/rpc/course/update", "form:course=<course>&code=&title=&term=&description=", "ufffafa"),
    ("GET", "/api/v1/courses", "", "uaaaaaa"),
    ("POST", "/api/v1/courses", r#"json:{"code":"","title":""}"#, "uffaafa"),
    ("GET", "/api/v1/courses/{course}", "", "uaafaaa"),
    ("PUT", "/api/v1/courses/{course}", r#"json:{"code":"","title":""}"#, "ufffafa"),
    // People.
    ("POST", "/rpc/course/settings", "form:course=<course>", "ufffafa"),
    ("POST", "/rpc/course/people", "form:course=<course>&search=&role=", "ufffaaa"),
    ("POST", "/rpc/course/enrol", "form:course=<course>&email=&name=&role=student", "ufffafa"),
    ("POST", "/rpc/course/change_role", "form:course=<course>&user=<user>&role=student", "ufffafa"),
    ("POST", "/rpc/course/remove", "form:course=<course>&user=<zero>", "ufffnfn"),
    ("POST", "/rpc/course/import_page", "form:course=<course>", "ufffafa"),
    // Without the cookie that comes with new accounts there is nothing to hand over, to nobody.
    ("POST", "/rpc/course/handed_over", "form:course=<course>", "aaaaaaa"),
    ("POST", "/courses/{course}/people/import", "multipart:text=email,name", "ufffafa"),
    ("GET", "/api/v1/courses/{course}/people", "", "ufffaaa"),
    ("POST", "/api/v1/courses/{course}/people", r#"json:{"email":"","role":"student"}"#, "ufffafa"),
    ("PATCH", "/api/v1/courses/{course}/people/{user}", r#"json:{"role":"student"}"#, "ufffafa"),
    ("POST", "/api/v1/courses/{course}/people/import?dry_run=true", "csv:email,name\n", "ufffafa"),
    // Assignments.
    ("POST", "/rpc/assignment/place", "form:course=<course>", "ufffafa"),
    ("POST", "/rpc/assignment/list", "form:course=<course>", "uaafaaa"),
    ("POST", "/rpc/assignment/create", "form:course=<course>&form[title]=", "ufffafa"),
    ("POST", "/rpc/assignment/for_staff", "form:assignment=<assignment>", "ufffaaa"),
    ("POST", "/rpc/assignment/overview", "form:assignment=<assignment>", "ufffaaa"),
    ("POST", "/rpc/assignment/update", "form:assignment=<assignment>&version=999&form[title]=x", "ufffafa"),
    ("POST", "/rpc/assignment/publish", "form:assignment=<assignment>&version=999", "ufffafa"),
    ("POST", "/rpc/assignment/unpublish", "form:assignment=<assignment>&version=999", "ufffafa"),
    ("POST", "/rpc/assignment/delete", "form:assignment=<assignment>&version=999", "ufffafa"),
    ("GET", "/api/v1/courses/{course}/assignments", "", "uaafaaa"),
    ("POST", "/api/v1/courses/{course}/assignments", r#"json:{"title":"","due_at":null,"closes_at":null}"#, "ufffafa"),
    ("GET", "/api/v1/assignments/{assignment}", "", "uaafaaa"),
    ("PUT", "/api/v1/assignments/{assignment}?version=999", r#"json:{"title":"x","due_at":null,"closes_at":null}"#, "ufffafa"),
    ("POST", "/api/v1/assignments/{assignment}/publish", "", "ufffafa"),
    ("POST", "/api/v1/assignments/{assignment}/unpublish", "", "ufffafa"),
    ("DELETE", "/api/v1/assignments/{assignment}?version=999", "", "ufffafa"),
    // Questions.
    ("POST", "/rpc/question/for_edit", "form:question=<question>", "ufffaaa"),
    ("POST", "/rpc/question/add", "form:assignment=<assignment>&kind=numeric", "ufffafa"),
    ("POST", "/rpc/question/move", "form:question=<question>&direction=up", "ufffafa"),
    ("POST", "/rpc/question/update", "form:question=<question>&seen=0&form[prompt]=x", "ufffafa"),
    ("POST", "/rpc/question/remove", "form:question=<question>", "ufffafa"),
    ("GET", "/api/v1/assignments/{assignment}/questions", "", "ufffaaa"),
    ("POST", "/api/v1/assignments/{assignment}/questions", r#"json:{"prompt":"x","points":100,"key":{"kind":"true_false","correct":true}}"#, "ufffafa"),
    ("GET", "/api/v1/questions/{question}", "", "ufffaaa"),
    ("PUT", "/api/v1/questions/{question}?seen=0", r#"json:{"prompt":"x","points":100,"key":{"kind":"short_answer"},"references":["x"]}"#, "ufffafa"),
    ("POST", "/api/v1/questions/{question}/move", r#"json:{"direction":"up"}"#, "ufffafa"),
    ("DELETE", "/api/v1/questions/{question}", "", "ufffafa"),
    // Answering.
    ("POST", "/rpc/submission/assignment", "form:assignment=<assignment>", "uaafaaa"),
    ("POST", "/rpc/submission/sheet", "form:assignment=<assignment>", "uaaffff"),
    ("POST", "/rpc/submission/start", "form:assignment=<assignment>", "uaaffff"),
    ("POST", "/rpc/submission/save", r#"json:{"submission":"<submission>","changes":[],"sent_at":0}"#, "uafffff"),
    ("POST", "/rpc/submission/save_form", "form:submission=<submission>", "uafffff"),
    ("POST", "/rpc/submission/submit", "form:submission=<submission>", "uafffff"),
    ("POST", "/rpc/submission/receipt", "form:submission=<submission>", "uaffaaa"),
    ("POST", "/rpc/submission/verify", "form:text=x", "aaaaaaa"),
    ("POST", "/api/v1/assignments/{assignment}/submission", "", "uaaffff"),
    ("GET", "/api/v1/submissions/{submission}", "", "uaffaaa"),
    ("POST", "/api/v1/submissions/{submission}/changes", r#"json:{"changes":[]}"#, "uafffff"),
    ("POST", "/api/v1/submissions/{submission}/submit", "", "uafffff"),
    ("GET", "/api/v1/submissions/{submission}/receipt", "", "uaffaaa"),
    ("POST", "/api/v1/receipts/verify", r#"json:{"text":"x"}"#, "aaaaaaa"),
    // Files.
    ("POST", "/rpc/file/begin", r#"json:{"submission":"<submission>","question":"<question>","name":"a.txt","media_type":"text/plain","size":1}"#, "uafffff"),
    ("POST", "/rpc/file/finish", r#"json:{"file":"<file>","sha256":null}"#, "uafffff"),
    ("POST", "/rpc/file/list", "form:submission=<submission>", "uaffaaa"),
    ("POST", "/rpc/file/sheet", "form:submission=<submission>&question=<question>", "uafffff"),
    ("POST", "/rpc/file/remove", r#"json:{"file":"<file>"}"#, "uafffff"),
    ("POST", "/rpc/file/remove_form", "form:file=<file>&submission=<submission>&question=<question>", "uafffff"),
    ("POST", "/files/upload", "multipart:submission=<submission>&question=<question>&file=hello", "uafffff"),
    ("GET", "/files/{file}", "", "uaffaaa"),
    ("GET", "/files/{file}/text", "", "uaffaaa"),
    ("GET", "/api/v1/submissions/{submission}/files", "", "uaffaaa"),
    ("POST", "/api/v1/submissions/{submission}/files", r#"json:{"question":"<question>","name":"a.txt","media_type":"text/plain","size":1}"#, "uafffff"),
    ("POST", "/api/v1/files/{file}/finish", r#"json:{}"#, "uafffff"),
    ("GET", "/api/v1/files/{file}", "", "uaffaaa"),
    ("GET", "/api/v1/files/{file}/content", "", "uaffaaa"),
    ("DELETE", "/api/v1/files/{file}", "", "uafffff"),
    // Grading and review.
    ("POST", "/rpc/grade/cockpit", "form:assignment=<assignment>", "ufffaaa"),
    ("POST", "/rpc/grade/pause", "form:assignment=<assignment>", "ufffaaa"),
    ("POST", "/rpc/grade/start", "form:assignment=<assignment>", "ufffaaa"),
    ("POST", "/rpc/grade/desk", "form:assignment=<assignment>", "ufffaaa"),
    ("POST", "/rpc/grade/queue", "form:assignment=<assignment>&filter[state]=waiting&after[order]=0&after[grade]=<zero>&most=5", "ufffaaa"),
    ("POST", "/rpc/grade/item", "form:grade=<grade>", "ufffaaa"),
    ("POST", "/rpc/grade/decide", "form:grade=<grade>&version=999&points=0&comment=", "ufffaaa"),
    ("POST", "/rpc/grade/decide_form", "form:assignment=<assignment>&grade=<grade>&version=999&points=0&after=", "ufffaaa"),
    ("POST", "/rpc/grade/clear", "form:grade=<grade>&version=999", "ufffaaa"),
    ("GET", "/assignments/{assignment}/progress", "", "ufffaaa"),
    ("GET", "/api/v1/assignments/{assignment}/progress", "", "ufffaaa"),
    ("GET", "/api/v1/assignments/{assignment}/grades", "", "ufffaaa"),
    ("POST", "/api/v1/assignments/{assignment}/grading/pause", "", "ufffaaa"),
    ("POST", "/api/v1/assignments/{assignment}/grading/start", "", "ufffaaa"),
    ("GET", "/api/v1/assignments/{assignment}/review", "", "ufffaaa"),
    ("GET", "/api/v1/grades/{grade}", "", "ufffaaa"),
    ("POST", "/api/v1/grades/{grade}/decision", r#"json:{"version":999,"points":0}"#, "ufffaaa"),
    ("POST", "/api/v1/grades/{grade}/accept", r#"json:{"version":999}"#, "ufffaaa"),
    ("DELETE", "/api/v1/grades/{grade}/decision?version=999", "", "ufffaaa"),
    // Dial, groups, radar. Nobody here belongs to a group, so whoever may act is told that there is none.
    ("POST", "/rpc/grade/items", r#"json:{"assignment":"<assignment>","grades":[]}"#, "ufffaaa"),
    ("POST", "/rpc/grade/dial", "form:assignment=<assignment>", "ufffaaa"),
    ("POST", "/rpc/grade/set_dial", "form:assignment=<assignment>&target=1&seen=0", "ufffaaa"),
    ("POST", "/rpc/grade/undo_dial", "form:assignment=<assignment>", "ufffaaa"),
    ("POST", "/rpc/grade/groups", "form:assignment=<assignment>", "ufffaaa"),
    ("POST", "/rpc/grade/decide_group", "form:question=<question>&group=<zero>&points=0&seen=", "ufffnnn"),
    ("POST", "/rpc/grade/split_group", "form:question=<question>&grade=<zero>", "ufffnnn"),
    ("POST", "/rpc/grade/merge_groups", "form:question=<question>&from=<zero>&into=<zero>", "ufffaaa"),
    ("POST", "/rpc/grade/undo_group", "form:act=<zero>&question=<question>", "unnnnnn"),
    ("POST", "/rpc/grade/radar", "form:assignment=<assignment>", "ufffaaa"),
    ("GET", "/api/v1/assignments/{assignment}/dial", "", "ufffaaa"),
    ("PUT", "/api/v1/assignments/{assignment}/dial", r#"json:{"target":1}"#, "ufffaaa"),
    ("DELETE", "/api/v1/assignments/{assignment}/dial", "", "ufffaaa"),
    ("GET", "/api/v1/assignments/{assignment}/groups", "", "ufffaaa"),
    ("POST", "/api/v1/questions/{question}/groups/decision", r#"json:{"group":"<zero>","points":0}"#, "ufffnnn"),
    ("POST", "/api/v1/questions/{question}/groups/split", r#"json:{"grades":[]}"#, "ufffaaa"),
    ("POST", "/api/v1/questions/{question}/groups/merge", r#"json:{"from":"<zero>","into":"<zero>"}"#, "ufffaaa"),
    ("POST", "/api/v1/group-acts/{act}/undo", "", "unnnnnn"),
    ("GET", "/api/v1/assignments/{assignment}/consistency", "", "ufffaaa"),
    ("GET", "/assignments/{assignment}/dial", "", "ufffaaa"),
    ("GET", "/assignments/{assignment}/groups", "", "ufffaaa"),
    ("GET", "/assignments/{assignment}/radar", "", "ufffaaa"),
    // Publishing, and what is seen then; taken back in between, a student sees nothing.
    ("POST", "/rpc/grade/publish", "form:assignment=<assignment>&even=on", "ufffafa"),
    ("POST", "/rpc/grade/result", "form:submission=<submission>", "uaffaaa"),
    ("POST", "/rpc/grade/unpublish", "form:assignment=<assignment>", "ufffafa"),
    ("GET", "/api/v1/submissions/{submission}/result", "", "ufffaaa"),
    ("GET", "/submissions/{submission}/result", "", "ufffaaa"),
    ("POST", "/api/v1/assignments/{assignment}/grades/publish", r#"json:{"even_if_unreviewed":true}"#, "ufffafa"),
    ("GET", "/submissions/{submission}/result", "", "uaffaaa"),
    ("GET", "/api/v1/submissions/{submission}/result", "", "uaffaaa"),
    ("POST", "/api/v1/assignments/{assignment}/grades/unpublish", "", "ufffafa"),
    ("POST", "/rpc/grade/gradebook", "form:course=<course>", "ufffaaa"),
    ("GET", "/api/v1/courses/{course}/gradebook", "", "ufffaaa"),
    ("GET", "/courses/{course}/gradebook.csv", "", "ufffaaa"),
    // Administration.
    ("POST", "/rpc/admin/system", FORM, "ufffffa"),
    ("POST", "/rpc/admin/retry", FORM, "ufffffa"),
    ("POST", "/rpc/admin/run_job", "form:job=nothing", "ufffffn"),
    ("POST", "/rpc/admin/users", "form:search=&kind=", "ufffffa"),
    ("POST", "/rpc/admin/user", "form:user=<user>", "ufffffa"),
    ("POST", "/rpc/admin/handed_over", "form:user=<user>", "aaaaaaa"),
    ("POST", "/rpc/admin/create_user", "form:email=&name=&course=&role=", "ufffffa"),
    ("POST", "/rpc/admin/set_admin", "form:user=<user>&is_admin=false", "ufffffa"),
    ("POST", "/rpc/admin/deactivate", "form:user=<user>", "ufffffa"),
    ("POST", "/rpc/admin/reactivate", "form:user=<user>", "ufffffa"),
    ("POST", "/rpc/admin/reset_password", "form:user=<user>", "ufffffa"),
    ("POST", "/rpc/admin/revoke_sessions", "form:user=<user>", "ufffffa"),
    ("POST", "/rpc/admin/audit", "form:verify=true", "ufffffa"),
    ("POST", "/rpc/admin/settings", FORM, "ufffffa"),
    ("POST", "/rpc/admin/save_settings", "form:name=&time_zone=", "ufffffa"),
    ("POST", "/rpc/mail/outbox", "form:state=", "ufffffa"),
    ("POST", "/rpc/mail/retry", "form:mail=<zero>", "ufffffn"),
    ("POST", "/rpc/mail/cancel", "form:mail=<zero>", "ufffffn"),
    ("POST", "/rpc/mail/test", "form:to=nobody", "ufffffa"),
    ("POST", "/rpc/maintenance/overview", FORM, "ufffffa"),
    ("POST", "/rpc/maintenance/plan", "form:message=&from=never&until=", "ufffffa"),
    ("POST", "/rpc/maintenance/end", FORM, "ufffffa"),
    ("POST", "/rpc/model/registry", FORM, "ufffffa"),
    ("POST", "/rpc/model/activate", "form:model=<zero>", "ufffffn"),
    ("POST", "/rpc/model/roll_back", "form:active=<zero>&before=<zero>", "ufffffa"),
    ("POST", "/rpc/model/trial", "form:model=<zero>&answers=0", "ufffffa"),
    ("POST", "/admin/models/register", "multipart:report=none", "ufffffa"),
    ("GET", "/admin/models", "", "ufffffa"),
    ("GET", "/api/v1/admin/models", "", "ufffffa"),
    ("POST", "/api/v1/admin/models/{model}/activate", "", "ufffffn"),
    ("POST", "/api/v1/admin/models/roll-back", r#"json:{"active":"<zero>","before":"<zero>"}"#, "ufffffa"),
    ("POST", "/api/v1/admin/models/{model}/trials", r#"json:{"answers":0}"#, "ufffffa"),
    ("GET", "/api/v1/admin/users", "", "ufffffa"),
    ("POST", "/api/v1/admin/users", r#"json:{"email":"","name":""}"#, "ufffffa"),
    ("GET", "/api/v1/admin/users/{user}", "", "ufffffa"),
    ("PUT", "/api/v1/admin/users/{user}/admin", r#"json:{"is_admin":false}"#, "ufffffa"),
    ("POST", "/api/v1/admin/users/{user}/deactivate", "", "ufffffa"),
    ("POST", "/api/v1/admin/users/{user}/reactivate", "", "ufffffa"),
    ("POST", "/api/v1/admin/users/{user}/reset-password", "", "ufffffa"),
    ("POST", "/api/v1/admin/users/{user}/end-sessions", "", "ufffffa"),
    ("GET", "/api/v1/admin/system", "", "ufffffa"),
    ("GET", "/api/v1/admin/audit", "", "ufffffa"),
    ("POST", "/api/v1/admin/work/retry", "json:{}", "ufffffa"),
    ("GET", "/admin/audit.csv", "", "ufffffa"),
    ("GET", "/admin/audit.json", "", "ufffffa"),
    // Pages.
    ("GET", "/", "", "aaaaaaa"),
    ("GET", "/sign-in", "", "aaaaaaa"),
    ("GET", "/register", "", "aaaaaaa"),
    ("GET", "/profile", "", "uaaaaaa"),
    ("GET", "/forgot-password", "", "aaaaaaa"),
    ("GET", "/reset-password", "", "aaaaaaa"),
    ("GET", "/verify-email", "", "aaaaaaa"),
    ("GET", "/notifications", "", "uaaaaaa"),
    ("GET", "/notifications/settings", "", "uaaaaaa"),
    ("GET", "/unsubscribe", "", "aaaaaaa"),
    ("GET", "/courses", "", "uaaaaaa"),
    // An empty form holds nothing; sending it is refused.
    ("GET", "/courses/new", "", "aaaaaaa"),
    ("GET", "/courses/{course}", "", "uaafaaa"),
    ("GET", "/courses/{course}/edit", "", "ufffafa"),
    ("GET", "/courses/{course}/people", "", "ufffaaa"),
    ("GET", "/courses/{course}/people/import", "", "ufffafa"),
    ("GET", "/courses/{course}/gradebook", "", "ufffaaa"),
    ("GET", "/courses/{course}/assignments/new", "", "ufffafa"),
    ("GET", "/assignments/{assignment}", "", "uaafaaa"),
    ("GET", "/assignments/{assignment}/edit", "", "ufffaaa"),
    ("GET", "/assignments/{assignment}/answer", "", "uaaffff"),
    ("GET", "/assignments/{assignment}/grading", "", "ufffaaa"),
    ("GET", "/assignments/{assignment}/review", "", "ufffaaa"),
    ("GET", "/questions/{question}/edit", "", "ufffaaa"),
    ("GET", "/submissions/{submission}/receipt", "", "uaffaaa"),
    ("GET", "/submissions/{submission}/attach/{question}", "", "uafffff"),
    ("GET", "/receipts/verify", "", "aaaaaaa"),
    ("GET", "/admin", "", "ufffffa"),
    ("GET", "/admin/users", "", "ufffffa"),
    ("GET", "/admin/users/new", "", "aaaaaaa"),
    ("GET", "/admin/users/{user}", "", "ufffffa"),
    ("GET", "/admin/audit", "", "ufffffa"),
    ("GET", "/admin/system", "", "ufffffa"),
    ("GET", "/admin/settings", "", "ufffffa"),
    ("GET", "/tour", "", "uaaaaaa"),
    ("GET", "/help", "", "aaaaaaa"),
    ("GET", "/help/{topic}", "", "aaaaaaa"),
    ("GET", "/admin/mail", "", "ufffffa"),
    ("GET", "/admin/maintenance", "", "ufffffa"),
    ("GET", "/gallery", "", "aaaaaaa"),
    // Open to everyone; files of the site are not built here.
    ("GET", "/health", "", "aaaaaaa"),
    ("GET", "/health/ready", "", "aaaaaaa"),
    ("GET", "/metrics", "", "aaaaaaa"),
    ("GET", "/api/health", "", "aaaaaaa"),
    ("GET", "/api/metrics", "", "aaaaaaa"),
    ("GET", "/api/openapi.json", "", "aaaaaaa"),
    ("GET", "/api/docs", "", "aaaaaaa"),
    ("GET", "/api/v1/{*rest}", "", "nnnnnnn"),
    ("GET", "/pkg", "", "nnnnnnn"),
    ("GET", "/fonts", "", "nnnnnnn"),
    ("GET", "/favicon.svg", "", "nnnnnnn"),
    ("GET", "/robots.txt", "", "nnnnnnn"),
    // Last, because each takes something away.
    ("DELETE", "/api/v1/courses/{course}/people/{user}", "", "ufffafn"),
    ("POST", "/rpc/course/archive", "form:course=<course>", "ufffafa"),
    ("POST", "/rpc/course/restore", "form:course=<course>", "ufffafa"),
    ("POST", "/api/v1/courses/{course}/archive", "", "ufffafa"),
    ("POST", "/api/v1/courses/{course}/restore", "", "ufffafa"),
    ("POST", "/rpc/account/sign_out", FORM, "aaaaaaa"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everyone_reaches_what_is_theirs_and_nothing_else() {
    let mut app = TestApp::start().await;
    app.grade_with(Grader::start_fake()).await;
    let mut school = School::open(&app).await;
    prepare(&mut school).await;
    let mut wrong = Vec::new();
    for row in TABLE {
        let (method, path, _, expected) = row;
        assert_eq!(expected.len(), 7, "{method} {path} needs seven letters");
        for ((who, client), expected) in school.everyone().into_iter().zip(expected.chars()) {
            let (status, words) = knock(&school, client, row).await;
            let found = class(status);
            if found != expected {
                wrong.push(format!(
                    "{method} {path} as {who}: {status} ({found}), not {expected}: {words}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} surprises:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn no_door_is_forgotten() {
    let known: BTreeSet<(String, String)> = TABLE
        .iter()
        .map(|(method, path, _, _)| (method.to_string(), path.split('?').next().unwrap().to_owned()))
        .collect();
    let mut doors = BTreeSet::new();
    for (path, item) in server::rest::openapi().paths.paths {
        let all = [
            ("GET", item.get),
            ("PUT", item.put),
            ("POST", item.post),
            ("DELETE", item.delete),
            ("PATCH", item.patch),
        ];
        doors.extend(
            all.into_iter()
                .filter(|(_, operation)| operation.is_some())
                .map(|(method, _)| (method.to_owned(), path.clone())),
        );
    }
    let pages = server::http::page_routes();
    doors.extend(
        pages
            .iter()
            .filter(|page| page.path() != "/{*any}" && page.path() != "/*any")
            .map(|page| ("GET".to_owned(), braces(page.path()))),
    );
    doors
        .extend(leptos::server_fn::axum::server_fn_paths().map(|(path, method)| (method.to_string(), path.to_owned())));
    doors.extend(written_routes());
    let missing: Vec<_> = doors.difference(&known).collect();
    assert!(missing.is_empty(), "doors without a row in the table: {missing:#?}");
    let gone: Vec<_> = known.difference(&doors).collect();
    assert!(gone.is_empty(), "rows without a door: {gone:#?}");
}

/// `/courses/:course` as `/courses/{course}`.
fn braces(path: &str) -> String {
    let part = |part: &str| {
        part.strip_prefix(':')
            .map_or_else(|| part.to_owned(), |name| format!("{{{name}}}"))
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Plain routes cannot be asked for, so they are read where they are written.
fn written_routes() -> BTreeSet<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = BTreeSet::new();
    let mut folders = vec![root.join("app/src"), root.join("server/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                for start in [".route(", ".route_service(", ".nest_service("] {
                    for rest in text.split(start).skip(1) {
                        let Some((path, rest)) = rest
                            .trim_start()
                            .strip_prefix('"')
                            .and_then(|rest| rest.split_once('"'))
                        else {
                            continue;
                        };
                        let handler = rest.trim_start_matches(',').trim_start();
                        let method = if handler.starts_with("post") { "POST" } else { "GET" };
                        found.insert((method.to_owned(), path.to_owned()));
                    }
                }
            }
        }
    }
    assert!(found.len() > 10, "routes are written in another way now: {found:?}");
    found
}

/// The student has attached a file, answered, submitted and been graded.
async fn prepare(school: &mut School) {
    let (assignment, question) = (school.id("assignment").to_owned(), school.id("question").to_owned());
    let submission = school
        .student
        .make(&format!("/assignments/{assignment}/submission"), Value::Null)
        .await;
    let file = json!({ "question": question, "name": "notes.txt", "media_type": "text/plain", "size": 5 });
    let upload = school
        .student
        .ok(Method::POST, &format!("/submissions/{submission}/files"), Some(file))
        .await;
    let mut put = school
        .student
        .request(Method::PUT, upload["url"].as_str().unwrap())
        .body("light");
    for header in upload["headers"].as_array().unwrap() {
        put = put.header(header[0].as_str().unwrap(), header[1].as_str().unwrap());
    }
    let sent = school.student.send(put).await;
    assert!(sent.status < 300, "{}", sent.text);
    let file = upload["file"].as_str().unwrap().to_owned();
    let finished = school
        .student
        .ok(Method::POST, &format!("/files/{file}/finish"), Some(json!({})))
        .await;
    assert_eq!(finished["state"], "ready", "{finished}");
    school.hand_in("Plants make sugar with light.").await;
    let grade = graded(&school.teacher, &assignment).await;
    school.ids.extend([
        ("file", file),
        ("grade", grade),
        ("zero", ZERO.to_owned()),
        ("act", ZERO.to_owned()),
        ("model", ZERO.to_owned()),
        ("topic", "student".to_owned()),
    ]);
}

/// Waits for the first grade of an assignment.
async fn graded(teacher: &Client, assignment: &str) -> String {
    for _ in 0..300 {
        for state in ["waiting", "accepted"] {
            let queue = teacher
                .ok(
                    Method::GET,
                    &format!("/assignments/{assignment}/review?state={state}"),
                    None,
                )
                .await;
            if let Some(grade) = queue["items"][0]["grade"].as_str() {
                return grade.to_owned();
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("nothing was graded");
}

async fn knock(school: &School, client: &Client, (method, path, body, _): &Row) -> (u16, String) {
    let mut path = (*path).to_owned();
    let mut body = (*body).to_owned();
    for (name, id) in &school.ids {
        path = path.replace(&format!("{{{name}}}"), id);
        body = body.replace(&format!("<{name}>"), id);
    }
    let mut request = client.request(method.parse().unwrap(), &path);
    request = match body.split_once(':') {
        Some(("form", fields)) => request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(fields.replace(' ', "+")),
        Some(("json", json)) => request.header("content-type", "application/json").body(json.to_owned()),
        Some(("csv", text)) => request.header("content-type", "text/csv").body(text.to_owned()),
        Some(("multipart", fields)) => request
            .header("content-type", "multipart/form-data; boundary=edge")
            .body(multipart(fields)),
        _ => request,
    };
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    // A stream that is allowed does not end.
    let endless = response
        .headers()
        .get("content-type")
        .is_some_and(|kind| kind == "text/event-stream");
    let words = if endless {
        String::new()
    } else {
        response.text().await.unwrap_or_default()
    };
    (status, words.chars().take(160).collect())
}

fn multipart(fields: &str) -> String {
    let part = |field: &str| {
        let (name, value) = field.split_once('=').unwrap();
        let file = if name == "file" {
            "; filename=\"a.txt\"\r\ncontent-type: text/plain"
        } else {
            ""
        };
        format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n")
    };
    fields.split('&').map(part).collect::<String>() + "--edge--\r\n"
}

fn class(status: u16) -> char {
    match status {
        401 => 'u',
        403 => 'f',
        404 => 'n',
        200..=399 | 409 | 413 | 422 => 'a',
        _ => '?',
    }
}
