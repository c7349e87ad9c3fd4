<?php
// Renders templates with the real Twig: one JSON object a line comes in, one goes out.
error_reporting(0);
ini_set('display_errors', '0');
ini_set('memory_limit', '-1');
date_default_timezone_set('UTC');
require_once 'Twig/autoload.php';

function twig(string|false $autoescape): \Twig\Environment
{
    return new \Twig\Environment(new \Twig\Loader\ArrayLoader([]), [
        'strict_variables' => false,
        'autoescape' => $autoescape,
        'cache' => false,
    ]);
}

// The name of a template is part of its class, which would else be one for both.
$twigs = ['text' => twig(false), 'html' => twig('html')];
$flags = JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE;
while (false !== $line = fgets(STDIN)) {
    $case = json_decode($line, true);
    $level = ob_get_level();
    try {
        $template = $twigs[$case['mode']]->createTemplate($case['template'], $case['mode']);
        $answer = ['text' => $template->render($case['data'])];
    } catch (\Throwable $failure) {
        while (ob_get_level() > $level) {
            ob_end_clean();
        }
        $answer = ['failure' => get_class($failure) . ': ' . $failure->getMessage()];
    }
    fwrite(STDOUT, json_encode($answer, $flags) . "\n");
}
