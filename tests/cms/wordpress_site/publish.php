<?php
// Publishes in WordPress through its own functions, as its editor does.
//
//     php publish.php install FOLDER URL THEME # a new site with that stock theme
//     php publish.php fill FOLDER              # authors, categories and the posts of FOLDER/plan.json
//     php publish.php later FOLDER             # adds FOLDER/later.json, and edits what FOLDER/edited.json says

[, $verb, $folder] = $argv;
if ($verb === 'install') {
    define('WP_INSTALLING', true);
}
$_SERVER += ['HTTP_HOST' => 'localhost', 'SERVER_PROTOCOL' => 'HTTP/1.1', 'REQUEST_METHOD' => 'GET'];
require getcwd() . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/image.php';

function install(string $url, string $theme): void
{
    wp_install('Cổng thông tin điện tử', 'quan-tri', 'quan-tri@example.org', true, '', 'khong-dung-den');
    foreach (['siteurl' => $url, 'home' => $url, 'timezone_string' => 'Asia/Ho_Chi_Minh', 'posts_per_page' => 8,
              'permalink_structure' => '/%postname%/', 'default_pingback_flag' => 0] as $name => $value) {
        update_option($name, $value);
    }
    wp_delete_post(1, true);  // the greeting of a new site
    switch_theme($theme);
}

function publish(array $article, string $folder): void
{
    $login = sanitize_user(remove_accents(strtolower(str_replace(' ', '-', $article['byline']))), true);
    $author = username_exists($login) ?: wp_insert_user(['user_login' => $login, 'user_pass' => wp_generate_password(),
        'display_name' => $article['byline'], 'role' => 'author']);
    $category = wp_create_term($article['section'], 'category');
    wp_insert_post([
        'post_title' => $article['title'],
        'post_name' => $article['slug'],
        'post_content' => wp_slash(content($article, $folder)),
        'post_date' => str_replace('T', ' ', substr($article['published_at'], 0, 19)),
        'post_status' => 'publish',
        'post_author' => $author,
        'post_category' => [(int) $category['term_id']],
    ], true);
}

function content(array $article, string $folder): string
{
    $blocks = array_map(fn ($text) => "<!-- wp:paragraph -->\n<p>" . esc_html($text) . "</p>\n<!-- /wp:paragraph -->",
        $article['paragraphs']);
    if ($article['picture']) {
        $image = upload("$folder/{$article['picture']['file']}", 'image/png');
        $caption = esc_html($article['picture']['caption']);
        array_splice($blocks, 1, 0, ["<!-- wp:image -->\n<figure class=\"wp-block-image\"><img src=\"$image\" alt=\"\"/>"
            . "<figcaption class=\"wp-element-caption\">$caption</figcaption></figure>\n<!-- /wp:image -->"]);
    }
    if ($article['attachment']) {
        $file = upload("$folder/{$article['attachment']['file']}", 'application/pdf');
        $title = esc_html($article['attachment']['title']);
        $blocks[] = "<!-- wp:file -->\n<div class=\"wp-block-file\"><a href=\"$file\">$title</a>"
            . "<a href=\"$file\" class=\"wp-block-file__button wp-element-button\" download>Download</a></div>\n<!-- /wp:file -->";
    }
    return implode("\n\n", $blocks);
}

function upload(string $path, string $type): string
{
    $stored = wp_upload_bits(basename($path), null, file_get_contents($path));
    wp_insert_attachment(['post_mime_type' => $type, 'post_title' => basename($path)], $stored['file']);
    return $stored['url'];
}

function articles(string $folder, string $name): array
{
    return json_decode(file_get_contents("$folder/$name.json"), true);
}

if ($verb === 'install') {
    install($argv[3], $argv[4]);
    return;
}
foreach (articles($folder, $verb === 'fill' ? 'plan' : 'later') as $article) {
    publish($article, $folder);
}
if ($verb === 'later') {
    $edited = articles($folder, 'edited');
    $post = get_page_by_path($edited['slug'], OBJECT, 'post');
    wp_update_post(['ID' => $post->ID, 'post_content' => wp_slash(content($edited, $folder))]);
}
