-- XL-R01, red, threshold: a case reaches a criminal threshold and was not handed to the police.
{{ warning_threshold('XL-R01') }}
