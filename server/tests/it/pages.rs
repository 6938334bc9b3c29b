//! The pages as such: that they are answered, whatever else the process does.

use super::support::TestApp;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_answered_while_another_server_is_put_together() {
    let app = TestApp::start().await;
    let (_, admin) = app.person("Root", true).await;
    let asking = tokio::spawn(async move {
        for round in 1..=100 {
            let page = tokio::time::timeout(Duration::from_secs(10), admin.get("/admin/settings"));
            let page = page.await.unwrap_or_else(|_| panic!("page {round} hangs"));
            assert_eq!(page.status, 200);
        }
    });
    let mut servers = 0;
    while !asking.is_finished() {
        drop(server::http::router(&app.parts));
        servers += 1;
    }
    asking.await.unwrap();
    assert!(servers > 1, "nothing happened beside the pages");
}
