<?php
    $params = "";
    $params .= 'secret_key=***'.'&';
    $params .= 'secret_code=a01ec22b11c94a4e9f755a3af8c10a0d'.'&';
    $params .= 'secret_sign=md5(***)'.'&';
    $params .= 'sourceImage='.'&';
    $params .= 'sourceImageType='.'&';
    $params .= 'sourceFaceType='.'&';
    $params .= 'sourceLiveControl='.'&';
    $params .= 'compareImage='.'&';
    $params .= 'compareImageType='.'&';
    $params .= 'compareFaceType='.'&';
    $params .= 'compareLiveControl='.'&';
    $params .= substr($params, 0, -1);
    $ch = curl_init();
    curl_setopt($ch, CURLOPT_POST, 1);
    curl_setopt($ch, CURLOPT_HEADER, 0);
    curl_setopt($ch, CURLOPT_URL, 'http://cloud.kuaidi100.com/api');
    curl_setopt($ch, CURLOPT_POSTFIELDS, $params);
    curl_setopt($ch, CURLOPT_RETURNTRANSFER, 1);
    $result = curl_exec($ch);
    echo $result;
?>
