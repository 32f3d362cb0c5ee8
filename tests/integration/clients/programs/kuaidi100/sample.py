# coding = utf-8
import sys,os
import requests,json,hashlib

params = {}
params['secret_key'] = '***'
params['secret_code'] = 'a01ec22b11c94a4e9f755a3af8c10a0d'
params['secret_sign'] = 'md5(***)'
params['sourceImage'] = ''
params['sourceImageType'] = ''
params['sourceFaceType'] = ''
params['sourceLiveControl'] = ''
params['compareImage'] = ''
params['compareImageType'] = ''
params['compareFaceType'] = ''
params['compareLiveControl'] = ''
result = requests.post('http://cloud.kuaidi100.com/api', params)
print(result.text)
